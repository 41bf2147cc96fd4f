//! A guest of version 0.3.0 of the world tracks.

use exports::golden::tracks::handler;
use golden::tracks::failures::Failure;
use golden::tracks::kinds::{Color, Entry, Item, Mode, Options, Point, Shape};
use golden::tracks::{log, news, work};
use wit_bindgen::rt::Map;

wit_bindgen::generate!({
    path: "../../wit",
    world: "tracks",
    merge_structurally_equal_types: true,
    async: false,
});

include!("../../common.rs");

pass!(values {
    number(v: i64 = v) -> u16;
    float(v: f64 = v) -> f64;
    glyph(v: String = &v) -> u32;
    scale(v: Option<u32> = v) -> Option<u32>;
    numbers(v: Vec<u64> = &v) -> Vec<u64>;
    table(v: Map<String, u64> = &v) -> Map<String, u64>;
    grid(v: [u64; 3] = v) -> [u64; 3];
    pair(v: (u64, Item) = (v.0, &v.1)) -> (u64, Item);
    verdict(v: Result<u64, Level> = v) -> Option<Result<u64, Level>>;
    levels(v: Vec<Level> = &v) -> Vec<Level>;
    modes(v: Mode = v) -> Mode;
    shapes(v: Shape = &v) -> Shape;
    choose(v: Options = &v) -> Options;
    enter(v: Entry = &v) -> Entry;
    params(name: String = &name, options: Options = &options) -> String;
    renamed(first: u32 = first, second: String = &second) -> String;
    swapped(a: u32 = a, b: u32 = b) -> u32;
    told(n: u32 = n) -> Vec<String>;
    items(v: Option<Item> = v.as_ref()) -> Option<Item>;
    asked(n: u32 = n);
    paint(v: Color = v) -> Color;
});

pass!(failures {
    owned(n: u32 = n) -> Result<u32, Failure>;
    worth(n: u32 = n) -> Result<u64, Failure>;
    may(n: u32 = n) -> Result<String, Failure>;
    cannot(n: u32 = n) -> String;
    text(n: u32 = n) -> Result<u32, String>;
    reason(n: u32 = n) -> Result<u32, Option<String>>;
    bare(n: u32 = n) -> Result<u32, ()>;
    rank(n: u32 = n) -> Result<(), Level>;
    moved(n: u32 = n) -> Result<(), Failure>;
});

impl exports::golden::tracks::work::Guest for Component {
    fn wait(n: u64) -> u64 {
        work::wait(n)
    }
    fn feed(_: u32) -> wit_bindgen::rt::async_support::StreamReader<u8> {
        unreachable!()
    }
}

struct Session {
    name: String,
    limit: Option<u32>,
    items: RefCell<Vec<Item>>,
    _alive: Alive,
}

impl handler::GuestSession for Session {
    fn new(name: String, limit: Option<u32>) -> Self {
        Session { name, limit, items: RefCell::default(), _alive: Alive::new() }
    }
    fn put(&self, i: Item) -> u64 {
        see(&i);
        let mut items = self.items.borrow_mut();
        if self.limit.is_none_or(|most| items.len() < most as usize) {
            items.push(i);
        }
        items.len() as u64
    }
    fn get(&self, name: String) -> Option<Item> {
        self.items.borrow().iter().find(|i| i.name == name).cloned()
    }
    fn clear(&self) {
        self.items.borrow_mut().clear();
    }
    fn merge(a: handler::Session, b: handler::SessionBorrow<'_>) -> handler::Session {
        let a = a.into_inner::<Session>();
        a.items.borrow_mut().extend(b.get::<Session>().items.borrow().iter().cloned());
        handler::Session::new(a)
    }
    fn open(name: String) -> Result<handler::Session, String> {
        if name.is_empty() {
            return Err("no name".to_string());
        }
        Ok(handler::Session::new(<Session as handler::GuestSession>::new(name, None)))
    }
}

struct Note(String, Alive);

impl handler::GuestNote for Note {
    fn new(text: String) -> Self {
        Note(text, Alive::new())
    }
    fn text(&self) -> String {
        self.0.clone()
    }
}

struct Cursor(Cell<u32>, Alive);

impl handler::GuestCursor for Cursor {
    fn next(&self) -> u32 {
        self.0.replace(self.0.get() + 1)
    }
}

impl handler::Guest for Component {
    type Session = Session;
    type Note = Note;
    type Cursor = Cursor;

    fn walk() -> handler::Cursor {
        handler::Cursor::new(Cursor(Cell::new(1), Alive::new()))
    }
    fn flush() -> u32 {
        4
    }

    fn first_note() -> handler::Note {
        handler::Note::new(Note("first".to_string(), Alive::new()))
    }
    fn spread(s: handler::Session, times: u32) -> Vec<handler::Session> {
        let of = s.get::<Session>();
        let more: Vec<_> = (1..times)
            .map(|_| handler::Session::new(<Session as handler::GuestSession>::new(of.name.clone(), None)))
            .collect();
        std::iter::once(s).chain(more).collect()
    }
    fn adopt(s: Option<handler::Session>) -> Option<handler::Session> {
        s
    }
    fn fail(why: String) {
        panic!("{why}");
    }
    fn live() -> u32 {
        LIVE.with(|n| n.get())
    }
}

impl exports::status::Guest for Component {
    fn ok() -> bool {
        true
    }
    fn grade() -> Level {
        Level::Trace
    }
}

impl exports::golden::tracks::late::Guest for Component {
    fn run(n: u32) -> u32 {
        n + 1
    }
}

impl exports::golden::tracks::extra::Guest for Component {
    fn farewell(name: String) -> String {
        format!("goodbye {name}")
    }
}

/// Takes sinks of the host's through all that there is to do with them.
fn sinks() -> String {
    let sink = log::Sink::new(Level::Trace);
    let wrote = sink.write(Level::Trace, "x");
    sink.flush();
    let (a, b) = log::Sink::split(sink);
    let best = log::best(&[&a, &b]);
    let kept = log::keep(Some(a)).len();
    drop(b);
    format!("wrote {wrote}, best {best}, kept {kept}")
}

impl crate::Guest for Component {
    fn reset(hard: Option<bool>) -> u64 {
        if hard == Some(true) { 8 } else { 7 }
    }
    fn step(p: Phase) -> Phase {
        match p {
            Phase::Starting => Phase::Running,
            Phase::Running => Phase::Starting,
        }
    }
    fn total(r: Report) -> Report {
        see(&r);
        Report { runs: r.runs + 1, level: r.level }
    }
    fn count() -> u32 {
        3
    }
    fn spare() -> u32 {
        5
    }
    fn seen() -> Vec<String> {
        take_seen()
    }
    fn script(what: String) -> String {
        match what.as_str() {
            "log" => {
                let item = Item { name: "l".to_string(), size: 3, at: Point { x: 1, y: 2 }, note: None };
                log::log(Level::Warn, "m", Some(&item)).to_string()
            }
            "news" => news::latest(),
            "sinks" => sinks(),
            "open error" => log::open(Level::Error).err().unwrap(),
            "clock" => clock().to_string(),
            "say" => format!("{:?}", say(Report { runs: 3, level: Level::Info })),
            "now" => timer::now(Level::Warn).to_string(),
            "gauge" => Gauge::new(9).read().to_string(),
            what => set_answer(what),
        }
    }
}

export!(Component);
