// The image processor: a plugin that keeps a setting and asks nothing of its host.

// The option max-width, in pixels.
let maxWidth = null;

export const pluginApi = {
  initialize(config) {
    for (const [name, value] of config) {
      if (name === "max-width") {
        maxWidth = width(value);
      }
    }
  },

  process(req) {
    return { output: `processed: ${req.input}`, success: true, errorMessage: null };
  },

  shutdown() {
    maxWidth = null;
  },

  getMetadata() {
    return {
      name: "image-processor",
      version: "0.1.0",
      description: "scales images, written in JavaScript",
    };
  },
};

// Reads a width written in decimal digits alone. What an exported function throws is the error of its result.
function width(text) {
  const n = Number(text);
  if (!/^[0-9]+$/.test(text) || n < 1 || n > 0xffffffff) {
    throw `max-width: want a positive number, got "${text}"`;
  }
  return n;
}
