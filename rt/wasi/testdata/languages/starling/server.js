// A server for tests: the path says what it does.

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const url = new URL(request.url);
  switch (url.pathname) {
    case "/echo": // as it comes
      return new Response(request.body, { headers: told(request, url) });

    case "/shout": { // a part at a time
      const upper = new TransformStream({
        transform(part, out) { out.enqueue(new TextEncoder().encode(new TextDecoder().decode(part).toUpperCase())); },
      });
      return new Response(request.body.pipeThrough(upper));
    }

    case "/fetch": // the response of another server
      try {
        const r = await fetch(url.searchParams.get("url"), { method: request.method, body: request.body, headers: { "x-from": "guest" } });
        return new Response(r.body, { status: r.status, headers: { "x-to": r.headers.get("x-to") ?? "" } });
      } catch (e) {
        return new Response(String(e), { status: 502 });
      }

    case "/throw":
      throw new Error("out of cheese");
  }
  return new Response("no such path\n", { status: 404 });
}

// told returns what the request was as headers.
function told(request, url) {
  const headers = new Headers({ "x-method": request.method, "x-path": url.pathname + url.search, "x-host": url.host });
  for (const [name, value] of request.headers) {
    headers.append(`x-echo-${name}`, value);
  }
  return headers;
}
