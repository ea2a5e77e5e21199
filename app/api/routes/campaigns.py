"""Campaigns: exports that held somebody back, and what they brought."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from app.api.asking import Asking
from app.api.models import campaigns as m
from app.api.operations import Operations
from app.api.routes.segments import Language

operations = Operations("customers", tag="campaigns")
Id = Annotated[int, Path(ge=1, le=2**31, description="A campaign's number.")]


@operations.read("/campaigns", answers=m.Campaigns, example={"items": [m.CAMPAIGN]}, sessionless=True)
def list_(asking: Asking) -> dict[str, Any]:
    """List exports that held somebody back, newest first."""
    from app.jobs import campaigns

    return {"items": [campaigns.told(one) for one in campaigns.listed(asking.doors.workspace)]}


@operations.read("/campaigns/{campaign_id}", answers=m.CampaignResult, example=m.RESULT, sessionless=True)
def show(asking: Asking, campaign_id: Id, language: Language = "en") -> dict[str, Any]:
    """Show what a campaign brought by now: orders, revenue and margin more than of those held out."""
    from app.jobs import campaigns

    asking.doors.replica()
    workspace = asking.doors.workspace
    found = campaigns.result(workspace, campaigns.find(workspace, str(campaign_id)))
    said = campaigns.told_result(found, language)
    return {key: value for key, value in said.items() if not key.startswith("truth_")}
