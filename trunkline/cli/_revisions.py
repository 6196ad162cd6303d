"""How a revision is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trunkline.plan import Revision

_COMMIT = 10  # characters


def line(revision: Revision) -> str:
    """Return a revision in one line: number, time, rows added, changed and removed, author, commit, what else."""
    total = {
        action: sum(counts[action] for counts in revision.counts.values()) for action in ("added", "changed", "removed")
    }
    commit = revision.git_commit or ""
    short = commit[:_COMMIT] + ("+changes" if commit.endswith("+changes") else "")
    notes = [f"brought revision {revision.restores} back"] if revision.restores else []
    notes += [f"only {', '.join(revision.targets)}"] if revision.targets else []
    notes += [] if revision.kept else ["rows no longer kept"]
    when = revision.applied_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    parts = [
        f"{revision.id:>5}",
        when,
        f"+{total['added']} ~{total['changed']} -{total['removed']}",
        revision.author,
        short,
        "; ".join(notes),
    ]
    return "  ".join(part for part in parts if part)


def as_json(revision: Revision) -> dict[str, Any]:
    """Return a revision as ``--json`` prints it."""
    return {
        "revision": revision.id,
        "applied_at": revision.applied_at.isoformat(),
        "author": revision.author,
        "git_commit": revision.git_commit,
        "digest": revision.digest,
        "duration_ms": revision.duration_ms,
        "rows": revision.counts,
        "reload": revision.reload,
        "restores": revision.restores,
        "targets": list(revision.targets),
        "kept": revision.kept,
    }
