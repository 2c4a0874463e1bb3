"""Makes of the settings what it takes to give a model a whole repository. Opens nothing yet."""

from typing import TYPE_CHECKING

from ...config import Configuration
from ...ingest.types import Progress
from ...settings import Settings
from .engines import named_tokenizer
from .measured import last_measured

if TYPE_CHECKING:
    from ..modes.whole import Whole
    from .opening import Opening

__all__ = ["named_salt", "named_whole"]


def named_whole(
    configuration: Configuration, settings: Settings, opening: "Opening", *, progress: Progress
) -> "Whole | None":
    """The whole of a source, for a model; None in mode retrieval.

    Args:
        configuration: The settings.
        settings: The same, held to what was measured of the server.
        opening: Of the source.
        progress: Told of long work.
    """
    if settings.mode == "retrieval":
        return None
    from ...context.pack.pack_store import PackStore
    from ..modes.reach import Reserve
    from ..modes.whole import Whole

    return Whole(
        mode=settings.mode,
        full_tokens=settings.full_tokens,
        reserve=Reserve(settings.max_tokens, settings.evidence_tokens, settings.session_tokens),
        measured=last_measured(configuration),
        selection=opening.selection,
        store=PackStore(opening.folder()),
        open_tokenizer=lambda info: named_tokenizer(configuration, info=info),
        templates=configuration.cache / "templates",
        api_key=configuration.api_key,
        progress=progress,
    )


def named_salt(configuration: Configuration) -> str | None:
    """The salt of the tenant that was named; None for none.

    Raises:
        ConfigError: The secret of tenants cannot be read or made.
    """
    if not configuration.settings.tenant:
        return None
    from ..tenancy import tenant_salt

    return tenant_salt(configuration.settings.tenant, folder=configuration.folders.data)
