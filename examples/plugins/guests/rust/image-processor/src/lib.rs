//! The image processor: a plugin that keeps a setting and asks nothing of its host.

use std::num::NonZeroU32;
use std::sync::Mutex;

use exports::witgen::plugins::plugin_api::{
    Guest, PluginMetadata, ProcessError, ProcessOptions, ProcessRequest, ProcessResponse,
};

wit_bindgen::generate!({ path: "../../../wit", world: "plugin" });

/// The option `max-width`, in pixels.
static MAX_WIDTH: Mutex<Option<NonZeroU32>> = Mutex::new(None);

/// What an image may take, in milliseconds.
const SCALING_MS: u32 = 20;

struct ImageProcessor;

impl Guest for ImageProcessor {
    fn initialize(config: Vec<(String, String)>) -> Result<(), String> {
        for (name, value) in config {
            if name == "max-width" {
                *MAX_WIDTH.lock().unwrap() = Some(width(&value)?);
            }
        }
        Ok(())
    }

    fn process(
        req: ProcessRequest,
        options: ProcessOptions,
    ) -> Result<ProcessResponse, ProcessError> {
        if options.budget_ms.is_some_and(|ms| ms < SCALING_MS) {
            return Err(ProcessError::OverBudget(Some(SCALING_MS)));
        }
        Ok(ProcessResponse {
            output: format!("processed: {}", req.input),
        })
    }

    fn shutdown() -> Result<(), String> {
        *MAX_WIDTH.lock().unwrap() = None;
        Ok(())
    }

    fn get_metadata() -> PluginMetadata {
        PluginMetadata {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "scales images, written in Rust".into(),
        }
    }
}

/// Reads a width written in decimal digits alone.
fn width(text: &str) -> Result<NonZeroU32, String> {
    Some(text)
        .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|t| t.parse().ok())
        .ok_or_else(|| format!("max-width: want a positive number, got \"{text}\""))
}

export!(ImageProcessor);
