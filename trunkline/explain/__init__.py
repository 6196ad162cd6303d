"""What will happen to a call, and which line of the inventory is the reason.

    answers, clients = Answers(connection), Clients(inventory)
    explanation = explain(inventory, clients, answers, ask(clients, answers, caller="alice@acme", dialled="102"))

Nothing is decided here: the database functions of the users proxy, the call-flow engine and its dry driver are asked.

``decision``  what is asked, what is answered
``answers``   the database's answers
``path``      the way of a call, step by step: where a new capability adds its word
``question``  from what a person writes to what is asked
``notes``     what one has to know about the answer: not applied, not taken over, not seen
``places``    from a cause to a line of the inventory
``show``      as text, as JSON
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.explain.answers import Answers
from trunkline.explain.clients import Clients
from trunkline.explain.decision import Call, Decision, Explanation, Question
from trunkline.explain.notes import notes
from trunkline.explain.path import way
from trunkline.explain.places import Places
from trunkline.explain.question import ask

if TYPE_CHECKING:
    from pathlib import Path

    from trunkline.compile import Compiled

__all__ = ["Answers", "Call", "Clients", "Decision", "Explanation", "Question", "ask", "explain"]


def explain(
    inventory: Path, clients: Clients, answers: Answers, question: Question, compiled: Compiled | None = None
) -> Explanation:
    """Return what will happen to a call.

    Args:
        inventory: Folder of the inventory.
        clients: Its clients.
        answers: Of the platform's database.
        question: The call.
        compiled: The inventory's rows, to say where the database has others; None to leave that out.
    """
    call = Call(question)
    decisions = tuple(way(call, answers))
    places = Places(inventory, clients)
    return Explanation(
        call=call,
        decisions=decisions,
        reasons={code: answers.reason(code) for code in sorted({one.code for one in decisions if one.code} | {200})},
        places={cause: places.of(cause) for decision in decisions for cause in decision.causes},
        notes=tuple(notes(call, answers, compiled)),
    )
