// Package wasihttp serves HTTP with components that export
// wasi:http/incoming-handler, the world wasi:http/proxy.
//
//	h, err := wasihttp.NewHandler(component, wasihttp.Options{
//		Limits:  rt.Limits{Memory: 64 << 20},
//		Timeout: 10 * time.Second,
//	})
//	if err != nil { ... }
//	defer h.Close(ctx)
//	err = (&http.Server{Addr: "127.0.0.1:8080", Handler: h, ReadHeaderTimeout: 5 * time.Second}).ListenAndServe()
//
// A [Handler] starts an instance for each request, so that no request sees
// anything of another one; or it uses instances again, if it is told to. Bodies
// stream both ways at the same time. What goes wrong in a guest is the affair of
// the request that it happened in: the client gets a status and no text of the
// guest's, and Options.Log what happened, under the request's id.
//
// An instance is some 80 KB of garbage. In a process with a small heap of its own
// the garbage collector then runs all the time, which costs a quarter or more
// of what a tiny request does: GOGC=400, or debug.SetGCPercent, is against that.
//
// The server around the handler bounds what clients can do before a request is
// there: set ReadHeaderTimeout and MaxHeaderBytes of http.Server.
package wasihttp
