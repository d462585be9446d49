"""What a page needs to ask its browser for a push subscription."""

import marshmallow as ma


class PushKeyOut(ma.Schema):
    """The public key of this installation."""

    application_server_key = ma.fields.String(
        allow_none=True,
        metadata={
            "description": "Uncompressed P-256 point in base64url, for `applicationServerKey` of "
            "`PushManager.subscribe`; null: Web Push is not configured",
        },
    )
