// Package browser tests the page of package admin in Chromium, as a module of
// its own, so that nobody who uses the page inherits what drives a browser. Run it
// by "make browser"; where there is no Chromium its tests say so and are skipped.
package browser
