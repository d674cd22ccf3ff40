"""What a payment said before it was edited: sealed with its card, told with the card masked."""

import json

from aidtracker.aid.models import LINE, Payment, PaymentVersion
from aidtracker.crypto.masking import mask_bank
from aidtracker.db import as_day, utcnow

KEPT = [name for name in LINE if name != "card_index"]


def content_of(values: dict, card_number: str | None) -> dict:
    """As JSON keeps it."""
    kept = {name: values[name] for name in KEPT}
    day = as_day(kept["paid_on"])
    return kept | {"is_boarding": bool(kept["is_boarding"]), "paid_on": day.isoformat() if day else None, "card_number": card_number}


def keep_version(payment: Payment, by, reason: str) -> None:
    """Inside the caller's transaction, before the row is changed."""
    content = content_of({name: getattr(payment, name) for name in KEPT}, payment.card_number)
    version = PaymentVersion(payment=payment, revision=payment.revision, replaced_by=by, replaced_at=utcnow(), reason=reason)
    version.content = json.dumps(content, ensure_ascii=False)
    version.save(force_insert=True)


def versions_of(payment: Payment) -> list[tuple[PaymentVersion, dict]]:
    """(version, its content with the card masked), the newest first."""
    found = PaymentVersion.select().where(PaymentVersion.payment == payment).order_by(PaymentVersion.revision.desc())
    return [(version, masked(json.loads(version.content))) for version in found]


def masked(content: dict) -> dict:
    return content | {"card_number": mask_bank(content["card_number"])}
