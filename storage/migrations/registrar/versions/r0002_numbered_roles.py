"""Which of the chairs, observers or offices an account is."""

import sqlalchemy as sa
from alembic import op

revision = "registrar_0002"
down_revision = "registrar_0001"


def upgrade() -> None:
    """Accounts of before have no number."""
    op.add_column("chats", sa.Column("owner", sa.Integer()))
