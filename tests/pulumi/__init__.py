"""The program under Pulumi's mocks."""
