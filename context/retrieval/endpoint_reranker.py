"""Scores from a server that speaks `/v1/rerank`, which the user has named: the question and places are sent to it.

vLLM, Jina, Cohere, llama.cpp and others take `{"model", "query", "documents"}` and answer `{"results": [{"index",
"relevance_score"}]}`. text-embeddings-inference calls the documents `texts`, refuses a request without them by 422, and
answers with the bare list and `score`. Knows nothing of HTTP or of what is ranked.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AliasChoices, BaseModel, Field, FiniteFloat, StrictInt, TypeAdapter, ValidationError

from ..endpoint import OnFirstUse
from ..endpoint_client import EndpointClient, StatusError

__all__ = ["EndpointReranker"]

_UNPROCESSABLE = 422
_TEXTS_PER_REQUEST = 32  # what text-embeddings-inference takes at once as it comes (--max-client-batch-size)


class _Rank(BaseModel):
    index: StrictInt
    score: Annotated[FiniteFloat, Field(validation_alias=AliasChoices("relevance_score", "score"))]


class _Results(BaseModel):
    results: list[_Rank]


_Reply: TypeAdapter[_Results | list[_Rank]] = TypeAdapter(_Results | list[_Rank])


class EndpointReranker:
    """Reranks by a server. Connects to nothing before something is scored."""

    def __init__(
        self, url: str, model: str, *, timeout_s: float, api_key: str | None, on_first_use: OnFirstUse | None
    ) -> None:
        """Names the server.

        Args:
            url: Up to and with `/v1`, or with the page `/v1/rerank` itself.
            model: As the server names it.
            timeout_s: How long the server may take for one reply.
            api_key: Sent as bearer token; None sends none.
            on_first_use: Gets the endpoint and the bytes of the first texts.

        Raises:
            ConfigError: `url` is no http(s) URL, or holds credentials.
        """
        self._client = EndpointClient(
            url, "/rerank", setting="reranker", api_key=api_key, on_first_use=on_first_use, timeout_s=timeout_s
        )
        self._model = model
        self._takes_texts = False

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """One number for each text.

        Raises:
            EngineUnreachableError: There is no connection, or no reply in time.
            EngineReplyError: The answer cannot be used.
        """
        with self._client.announced([question, *texts]):
            if not self._takes_texts:
                try:
                    body = {"model": self._model, "query": question, "documents": texts, "top_n": len(texts)}
                    return self._ask(body, len(texts))
                except StatusError as error:
                    if error.status != _UNPROCESSABLE:
                        raise
                    self._takes_texts = True
            return self._score_texts(question, texts)

    def _score_texts(self, question: str, texts: Sequence[str]) -> list[float]:
        scores: list[float] = []
        for first in range(0, len(texts), _TEXTS_PER_REQUEST):
            part = texts[first : first + _TEXTS_PER_REQUEST]
            scores += self._ask({"query": question, "texts": part, "truncate": True}, len(part))
        return scores

    def _ask(self, body: dict[str, object], num_texts: int) -> list[float]:
        try:
            reply = _Reply.validate_python(self._client.post(body))
        except ValidationError as error:
            raise self._client.unusable("no list of finite scores") from error
        ranks = reply.results if isinstance(reply, _Results) else reply
        scores = {rank.index: rank.score for rank in ranks}
        if len(ranks) != num_texts or scores.keys() != set(range(num_texts)):
            raise self._client.unusable(f"not one score for each of {num_texts} texts")
        return [scores[at] for at in range(num_texts)]
