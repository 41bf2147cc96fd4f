"""The data processor: a plugin that reads its settings from the host, and tells
the host what it does."""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.plugin_api import PluginMetadata, ProcessRequest, ProcessResponse
from wit_world.imports.host_api import emit_event, get_config, log_message


class PluginApi(exports.PluginApi):
    def initialize(self, config: list[tuple[str, str]]) -> None:
        url = get_config("database_url")
        if url is None:
            raise Err("database_url not configured")
        log_message("info", f"connected to {url}")

    def process(self, req: ProcessRequest) -> ProcessResponse:
        try:
            return ProcessResponse(record(req.input), True, None)
        except Err as e:
            return ProcessResponse("", False, e.value)

    def shutdown(self) -> None:
        pass

    def get_metadata(self) -> PluginMetadata:
        return PluginMetadata("data-processor", "0.1.0", "records data, written in Python")


def record(text: str) -> str:
    """Records one input with the host and answers what to say about it."""
    if not text:
        raise Err("empty input")
    log_message("info", f"processing {text}")
    emit_event("processing_complete", text)
    return f"processed: {text}"
