//! The guest of the world resources. Its cursors, writers and tokens hold one
//! of the host's each, and do what that does. Its timers are its own.

use std::cell::{Cell, RefCell};

use exports::golden::resources::{query as query_out, store, timers, work};
use golden::resources::{feed::Source, query, store as host};

wit_bindgen::generate!({
    path: "../wit",
    world: "resources",
});

struct Guest;

struct Cursor(host::Cursor);
struct Writer(host::Writer);
struct Token(host::Token);

/// Makes a cursor of the guest's of one of the host's.
fn wrap(c: host::Cursor) -> store::Cursor {
    store::Cursor::new(Cursor(c))
}

/// Takes the host's cursor out of one of the guest's.
fn unwrap(c: store::Cursor) -> host::Cursor {
    c.into_inner::<Cursor>().0
}

fn reason(r: host::Reason) -> store::Reason {
    match r {
        host::Reason::Missing => store::Reason::Missing,
        host::Reason::Busy => store::Reason::Busy,
    }
}

fn reason_back(r: store::Reason) -> host::Reason {
    match r {
        store::Reason::Missing => host::Reason::Missing,
        store::Reason::Busy => host::Reason::Busy,
    }
}

impl store::Guest for Guest {
    type Cursor = Cursor;
    type Writer = Writer;
    type Token = Token;

    fn open(path: String) -> Result<store::Cursor, store::Reason> {
        host::open(&path).map(wrap).map_err(reason)
    }
    fn mint(n: u32) -> store::Token {
        store::Token::new(Token(host::mint(n)))
    }
    fn redeem(t: store::Token) -> u32 {
        host::redeem(t.into_inner::<Token>().0)
    }
}

impl store::GuestCursor for Cursor {
    fn new(path: String) -> Self {
        Cursor(host::Cursor::new(&path))
    }
    fn next(&self) -> Option<String> {
        self.0.next()
    }
    fn position(&self) -> u32 {
        self.0.position()
    }
    fn skip(&self, n: u32) -> Result<u32, store::Reason> {
        self.0.skip(n).map_err(reason)
    }
    fn split(&self, at: u32) -> (store::Cursor, store::Cursor) {
        let (a, b) = self.0.split(at);
        (wrap(a), wrap(b))
    }
    fn absorb(&self, other: store::Cursor) {
        self.0.absorb(unwrap(other))
    }
    fn is_before(&self, other: store::CursorBorrow<'_>) -> bool {
        self.0.is_before(&other.get::<Cursor>().0)
    }
    fn join(&self, other: store::Cursor) -> Result<u32, store::Conflict> {
        self.0.join(unwrap(other)).map_err(|c| store::Conflict { at: c.at, left_over: wrap(c.left_over) })
    }
    fn merge(a: store::Cursor, b: store::CursorBorrow<'_>) -> store::Cursor {
        wrap(host::Cursor::merge(unwrap(a), &b.get::<Cursor>().0))
    }
    fn self_(self_: store::Cursor) -> store::Cursor {
        wrap(host::Cursor::self_(unwrap(self_)))
    }
}

impl store::GuestWriter for Writer {
    fn create(path: String) -> Result<store::Writer, store::Reason> {
        host::Writer::create(&path).map(|w| store::Writer::new(Writer(w))).map_err(reason)
    }
    fn put(&self, e: store::Entry) -> Result<(), String> {
        self.0.put(&host::Entry { key: e.key, value: e.value })
    }
    fn put_all(
        &self, a: String, b: String, c: String, d: String, e: String, f: String, g: String, h: String, i: u32,
    ) -> u32 {
        self.0.put_all(&a, &b, &c, &d, &e, &f, &g, &h, i)
    }
}

impl store::GuestToken for Token {}

impl query_out::Guest for Guest {
    fn peek(of: Vec<store::CursorBorrow<'_>>) -> Vec<u32> {
        let of: Vec<_> = of.iter().map(|c| &c.get::<Cursor>().0).collect();
        query::peek(&of)
    }
    fn ahead(pair: (store::CursorBorrow<'_>, u32), other: Option<store::CursorBorrow<'_>>) -> u32 {
        query::ahead((&pair.0.get::<Cursor>().0, pair.1), other.as_ref().map(|c| &c.get::<Cursor>().0))
    }
    fn gather(cursors: Vec<store::Cursor>) -> Vec<store::Cursor> {
        query::gather(cursors.into_iter().map(unwrap).collect()).into_iter().map(wrap).collect()
    }
    fn maybe(c: Option<store::Cursor>) -> Option<store::Cursor> {
        query::maybe(c.map(unwrap)).map(wrap)
    }
    fn rescan(s: query_out::Scan) -> query_out::Scan {
        let s = query::rescan(query::Scan { source: unwrap(s.source), limit: s.limit });
        query_out::Scan { source: wrap(s.source), limit: s.limit }
    }
    fn route(t: query_out::Target) -> query_out::Target {
        let t = query::route(match t {
            query_out::Target::Nothing => query::Target::Nothing,
            query_out::Target::One(c) => query::Target::One(unwrap(c)),
            query_out::Target::Many(l) => query::Target::Many(l.into_iter().map(unwrap).collect()),
        });
        match t {
            query::Target::Nothing => query_out::Target::Nothing,
            query::Target::One(c) => query_out::Target::One(wrap(c)),
            query::Target::Many(l) => query_out::Target::Many(l.into_iter().map(wrap).collect()),
        }
    }
    fn attempt(c: store::Cursor, fails: bool) -> Result<store::Cursor, (store::Cursor, String)> {
        query::attempt(unwrap(c), fails).map(wrap).map_err(|(c, s)| (wrap(c), s))
    }
    fn either(r: Result<store::Cursor, store::Reason>) -> Option<Result<store::Cursor, store::Reason>> {
        query::either(r.map(unwrap).map_err(reason_back)).map(|r| r.map(wrap).map_err(reason))
    }
}

struct Timer(Cell<u32>);
struct Bomb;

thread_local! {
    static KEPT: RefCell<Vec<Source>> = const { RefCell::new(Vec::new()) };
    static RUNNING: Cell<u32> = const { Cell::new(0) };
}

impl timers::Guest for Guest {
    type Timer = Timer;
    type Bomb = Bomb;
}

impl timers::GuestTimer for Timer {
    fn tick(&self) -> u32 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }
    fn close_to(&self, other: timers::TimerBorrow<'_>) -> bool {
        self.0.get().abs_diff(other.get::<Timer>().0.get()) <= 1
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        RUNNING.set(RUNNING.get() - 1);
    }
}

impl timers::GuestBomb for Bomb {}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the bomb went off");
    }
}

fn sum(s: &Source) -> u32 {
    let mut n = 0;
    while let Some(v) = s.read() {
        n += v;
    }
    n
}

impl work::Guest for Guest {
    fn sum(s: &Source) -> u32 {
        sum(s)
    }
    fn keep(s: Source) {
        KEPT.with_borrow_mut(|k| k.push(s));
    }
    fn kept() -> u32 {
        KEPT.with_borrow(|k| k.len() as u32)
    }
    fn give_back() -> Option<Source> {
        KEPT.with_borrow_mut(|k| k.pop())
    }
    fn same(sources: Vec<Source>, name: String) -> (Vec<Source>, String) {
        (sources, name)
    }
    fn drop(s: Source) {
        std::mem::drop(s);
    }
    fn fail(s: Source) {
        std::mem::forget(s);
        panic!("as it was told to");
    }
    fn start(at: u32) -> timers::Timer {
        RUNNING.set(RUNNING.get() + 1);
        timers::Timer::new(Timer(Cell::new(at)))
    }
    fn wait(t: timers::TimerBorrow<'_>, s: &Source) -> u32 {
        t.get::<Timer>().0.get() + sum(s)
    }
    fn stop(t: timers::Timer) -> u32 {
        t.get::<Timer>().0.get()
    }
    fn running() -> u32 {
        RUNNING.get()
    }
    fn arm() -> timers::Bomb {
        timers::Bomb::new(Bomb)
    }
}

export!(Guest);
