//! The data processor: a plugin that reads its settings from the host, and tells the host what it does.

use exports::witgen::plugins::plugin_api::{
    Guest, PluginMetadata, ProcessError, ProcessOptions, ProcessRequest, ProcessResponse,
};
use witgen::plugins::host_api::{emit_event, get_config, log_message};

wit_bindgen::generate!({ path: "../../../wit", world: "plugin" });

struct DataProcessor;

impl Guest for DataProcessor {
    fn initialize(_config: Vec<(String, String)>) -> Result<(), String> {
        let url = get_config("database_url").ok_or("database_url not configured")?;
        log_message("info", &format!("connected to {url}"))
    }

    fn process(
        req: ProcessRequest,
        options: ProcessOptions,
    ) -> Result<ProcessResponse, ProcessError> {
        if req.input.is_empty() {
            return Err(ProcessError::Invalid("empty input".into()));
        }
        let accept = options.accept;
        if !accept.is_empty() && !accept.iter().any(|t| t == "text/plain") {
            return Err(ProcessError::NotAcceptable);
        }
        let output = record(&req.input).map_err(ProcessError::Failed)?;
        Ok(ProcessResponse { output })
    }

    fn shutdown() -> Result<(), String> {
        Ok(())
    }

    fn get_metadata() -> PluginMetadata {
        PluginMetadata {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "records data, written in Rust".into(),
        }
    }
}

/// Records one input with the host and answers what to say about it.
fn record(input: &str) -> Result<String, String> {
    log_message("info", &format!("processing {input}"))?;
    emit_event("processing_complete", input)?;
    Ok(format!("processed: {input}"))
}

export!(DataProcessor);
