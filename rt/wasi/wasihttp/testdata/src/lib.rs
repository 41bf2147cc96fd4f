//! A guest that answers requests in every way there is, right and wrong: the
//! path says which.

use std::cell::Cell;

use wasi::clocks::monotonic_clock;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingRequest,
    OutgoingResponse, RequestOptions, ResponseOutparam, Scheme,
};
use wasi::io::streams::{InputStream, OutputStream, StreamError};
use wasi::logging0_1_0_draft::logging;
use wasi::random::random::get_random_u64;

wit_bindgen::generate!({
    path: ["../../p2/wit", "../../draft/wit"],
    inline: "
        package witgen:server;
        world server {
            include wasi:http/proxy@0.2.12;
            import wasi:logging/logging@0.1.0-draft;
        }
    ",
    world: "witgen:server/server",
    features: ["informational-outbound-responses"],
    generate_all,
});

struct Guest;

export!(Guest);

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

impl exports::wasi::http::incoming_handler::Guest for Guest {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let n: u64 = query.parse().unwrap_or(0);
        match path {
            "/" => text(out, 200, "hello"),
            "/echo" => echo(request, out),
            "/late" => late(request, out),
            "/head" => text(out, 200, &head(&request)),
            "/status" => text(out, n as u16, ""),
            "/count" => {
                let n = COUNT.get() + 1;
                COUNT.set(n);
                text(out, 200, &n.to_string());
            }
            "/fields" => text(out, 200, &fields()),
            "/big" => {
                let (body, stream) = begin(out, 200, Fields::new());
                zeroes(&stream, n);
                finish(body, stream, None);
            }
            "/trickle" => {
                let (body, stream) = begin(out, 200, Fields::new());
                for _ in 0..n {
                    if stream.blocking_write_and_flush(b"tick\n").is_err() {
                        return;
                    }
                    monotonic_clock::subscribe_duration(10_000_000).block();
                }
                finish(body, stream, None);
            }
            "/trailers" => {
                let (body, stream) = begin(out, 200, Fields::new());
                stream.blocking_write_and_flush(b"body").unwrap();
                let trailers = Fields::new();
                trailers.append("x-sum", b"42").unwrap();
                finish(body, stream, Some(trailers));
            }
            "/inform" => {
                let fields = Fields::new();
                fields.append("link", b"</style.css>").unwrap();
                let refused = out.send_informational(200, Fields::new());
                let sent = out.send_informational(103, fields);
                text(out, 200, &format!("{refused:?} {sent:?}"));
            }
            "/error" => ResponseOutparam::set(out, Err(ErrorCode::ConnectionRefused)),
            "/trap" => std::process::abort(),
            "/trap-late" => {
                let (_body, stream) = begin(out, 200, Fields::new());
                stream.blocking_write_and_flush(b"some").unwrap();
                std::process::abort();
            }
            "/chance" => chance(out, n),
            "/spin" => {
                while COUNT.get() < u32::MAX {
                    COUNT.set(COUNT.get() & 1);
                }
            }
            "/sleep" => monotonic_clock::subscribe_duration(u64::MAX).block(),
            "/print" => {
                println!("to stdout");
                eprint!("to stderr");
                text(out, 200, "printed");
            }
            "/log" => {
                logging::log(logging::Level::Debug, "db", "of no interest");
                logging::log(logging::Level::Error, "db", &format!("request {n}\nis slow"));
                text(out, 200, "logged");
            }
            "/panic" => panic!("out of cheese"),
            "/silent" => {}
            "/drop" => drop(out),
            "/short" => {
                let (body, stream) = begin(out, 200, eight());
                let _ = stream.blocking_write_and_flush(b"four");
                drop(stream);
                let _ = OutgoingBody::finish(body, None);
            }
            "/long" => {
                // Before the response is set: none of it can have been sent.
                let response = OutgoingResponse::new(eight());
                let body = response.body().unwrap();
                let stream = body.write().unwrap();
                let _ = stream.blocking_write_and_flush(b"more than eight");
                drop(stream);
                ResponseOutparam::set(out, Ok(response));
                let _ = OutgoingBody::finish(body, None);
            }
            "/unfinished" => {
                let (body, stream) = begin(out, 200, Fields::new());
                stream.blocking_write_and_flush(b"some").unwrap();
                drop(stream);
                drop(body);
            }
            "/kept" => {
                let (body, stream) = begin(out, 200, Fields::new());
                stream.blocking_write_and_flush(b"some").unwrap();
                std::mem::forget((body, stream));
            }
            "/after" => {
                text(out, 200, "done");
                let request = get(query);
                let future = outgoing_handler::handle(request, None).unwrap();
                future.subscribe().block();
            }
            "/fetch" => fetch(request, out, query),
            "/many" => many(out, query),
            _ => text(out, 404, "no such path"),
        }
    }
}

/// Sets a response and returns where its body goes.
fn begin(out: ResponseOutparam, status: u16, headers: Fields) -> (OutgoingBody, OutputStream) {
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().unwrap();
    (body, stream)
}

fn finish(body: OutgoingBody, stream: OutputStream, trailers: Option<Fields>) {
    drop(stream);
    OutgoingBody::finish(body, trailers).unwrap();
}

fn text(out: ResponseOutparam, status: u16, text: &str) {
    let headers = Fields::new();
    headers.append("content-type", b"text/plain").unwrap();
    let (body, stream) = begin(out, status, headers);
    for part in text.as_bytes().chunks(4096) {
        stream.blocking_write_and_flush(part).unwrap();
    }
    finish(body, stream, None);
}

/// Says hello, but for so many of 1,000 times, at random: then it says so on
/// stderr and traps.
fn chance(out: ResponseOutparam, permille: u64) {
    if get_random_u64() % 1000 < permille {
        eprintln!("trapping by chance");
        std::process::abort();
    }
    text(out, 200, "hello");
}

/// The headers of a body of eight bytes.
fn eight() -> Fields {
    let headers = Fields::new();
    headers.append("content-length", b"8").unwrap();
    headers
}

/// Writes so many zeroes.
fn zeroes(stream: &OutputStream, mut n: u64) {
    while n > 0 {
        stream.subscribe().block();
        let Ok(room) = stream.check_write() else { return };
        let part = room.min(n);
        if stream.write_zeroes(part).is_err() {
            return;
        }
        n -= part;
    }
}

/// Copies what there is to read, as it comes.
fn copy(from: &InputStream, to: &OutputStream) -> Result<(), String> {
    loop {
        match to.blocking_splice(from, u64::MAX) {
            Ok(_) => {}
            Err(StreamError::Closed) => return Ok(()),
            Err(StreamError::LastOperationFailed(e)) => {
                return Err(format!("{:?}", wasi::http::types::http_error_code(&e)));
            }
        }
    }
}

/// Sends the body and the trailers of the request back while they arrive.
fn echo(request: IncomingRequest, out: ResponseOutparam) {
    let headers = Fields::new();
    for value in request.headers().get("content-length") {
        headers.append("content-length", &value).unwrap();
    }
    let incoming = request.consume().unwrap();
    let from = incoming.stream().unwrap();
    let (body, to) = begin(out, 200, headers);
    copy(&from, &to).unwrap();
    drop(from);
    let future = IncomingBody::finish(incoming);
    future.subscribe().block();
    let trailers = future.get().unwrap().unwrap().unwrap();
    assert!(future.get().unwrap().is_err());
    finish(body, to, trailers.map(|t| t.clone()));
}

/// Answers first and reads the request then.
fn late(request: IncomingRequest, out: ResponseOutparam) {
    let (body, to) = begin(out, 200, Fields::new());
    to.blocking_write_and_flush(b"first ").unwrap();
    let incoming = request.consume().unwrap();
    let from = incoming.stream().unwrap();
    let result = copy(&from, &to);
    if let Err(e) = result {
        let _ = to.blocking_write_and_flush(e.as_bytes());
    }
    finish(body, to, None);
}

/// What the guest knows of the request, as text.
fn head(request: &IncomingRequest) -> String {
    let mut s = format!(
        "{:?} {:?} {:?} {:?}\n",
        request.method(),
        request.scheme(),
        request.authority(),
        request.path_with_query(),
    );
    for (name, value) in request.headers().entries() {
        s += &format!("{name}: {}\n", String::from_utf8_lossy(&value));
    }
    s
}

/// What the host says to fields that are wrong.
fn fields() -> String {
    let f = Fields::new();
    let mut s = String::new();
    for (name, value) in [
        ("ok", "v"),
        ("b ad", "v"),
        ("bad", "a\r\nb"),
        ("Host", "v"),
        ("Transfer-Encoding", "chunked"),
        ("content-length", "+5"),
        ("content-length", "5"),
        ("content-length", "6"),
    ] {
        s += &format!("{name}: {:?}\n", f.append(name, value.as_bytes()));
    }
    s
}

/// A GET request to http://authority/path.
fn get(url: &str) -> OutgoingRequest {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (authority, path) = match rest.find('/') {
        Some(i) => rest.split_at(i),
        None => (rest, "/"),
    };
    let request = OutgoingRequest::new(Fields::new());
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_string()),
    };
    request.set_scheme(Some(&scheme)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    request
}

/// Sends the request on to an url, body and all, and the response back.
fn fetch(incoming: IncomingRequest, out: ResponseOutparam, url: &str) {
    let request = get(url);
    request.set_method(&incoming.method()).unwrap();
    let has_body = !matches!(incoming.method(), Method::Get | Method::Head);
    let body = if has_body { Some(request.body().unwrap()) } else { None };
    let options = RequestOptions::new();
    for value in incoming.headers().get("x-timeout-ms") {
        let ms: u64 = String::from_utf8(value).unwrap().parse().unwrap();
        options.set_connect_timeout(Some(ms * 1_000_000)).unwrap();
        options.set_first_byte_timeout(Some(ms * 1_000_000)).unwrap();
        options.set_between_bytes_timeout(Some(ms * 1_000_000)).unwrap();
    }
    let future = match outgoing_handler::handle(request, Some(options)) {
        Ok(future) => future,
        Err(e) => return text(out, 200, &format!("handle: {e:?}")),
    };
    if let Some(body) = body {
        let from = incoming.consume().unwrap();
        let from_stream = from.stream().unwrap();
        let to = body.write().unwrap();
        copy(&from_stream, &to).unwrap();
        drop(from_stream);
        finish(body, to, None);
    }
    future.subscribe().block();
    let response = match future.get().unwrap().unwrap() {
        Ok(response) => response,
        Err(e) => return text(out, 200, &format!("future: {e:?}")),
    };
    let headers = Fields::new();
    for (name, value) in response.headers().entries() {
        if !name.eq_ignore_ascii_case("content-length") {
            headers.append(&name, &value).unwrap();
        }
    }
    let from = response.consume().unwrap();
    let from_stream = from.stream().unwrap();
    let (body, to) = begin(out, response.status(), headers);
    if let Err(e) = copy(&from_stream, &to) {
        to.blocking_write_and_flush(format!("body: {e}").as_bytes()).unwrap();
    }
    drop(from_stream);
    finish(body, to, None);
}

/// Begins more requests than it may have, and says how many it got.
fn many(out: ResponseOutparam, url: &str) {
    let mut futures = Vec::new();
    let error = loop {
        match outgoing_handler::handle(get(url), None) {
            Ok(future) => futures.push(future),
            Err(e) => break e,
        }
    };
    text(out, 200, &format!("{} {error:?}", futures.len()));
}
