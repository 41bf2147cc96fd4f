// The data processor: a plugin that reads its settings from the host, and tells the host what it does.

import { emitEvent, getConfig, logMessage } from "witgen:plugins/host-api@0.1.0";

export const pluginApi = {
  initialize() {
    const url = getConfig("database_url");
    if (url === null) {
      throw "database_url not configured";
    }
    logMessage("info", `connected to ${url}`);
  },

  process(req) {
    try {
      return { output: record(req.input), success: true, errorMessage: null };
    } catch (err) {
      // The error of a host function's result arrives as the payload of what the function throws.
      return { output: "", success: false, errorMessage: err.payload ?? String(err) };
    }
  },

  shutdown() {},

  getMetadata() {
    return {
      name: "data-processor",
      version: "0.1.0",
      description: "records data, written in JavaScript",
    };
  },
};

// Records one input with the host and answers what to say about it.
function record(input) {
  if (input === "") {
    throw "empty input";
  }
  logMessage("info", `processing ${input}`);
  emitEvent("processing_complete", input);
  return `processed: ${input}`;
}
