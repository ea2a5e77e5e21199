"""The machine of a report's run."""

from __future__ import annotations

from oms_core.kernel.states import Machine

#: A run that was handed to the mail server and never came back is failed, not tried again: nobody knows whether
#: it arrived, and a person decides. Before that it may be taken up again freely.
REPORT_RUN = Machine(
    name="report_run",
    start="waiting",
    moves={
        "waiting": ("preparing",),
        "preparing": ("sending", "waiting", "failed", "preparing"),
        "sending": ("sent", "waiting", "failed"),
        "failed": ("waiting",),
        "sent": (),
    },
    colours={"waiting": "gray", "preparing": "blue", "sending": "blue", "failed": "red", "sent": "gray"},
)
