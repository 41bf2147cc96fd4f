//! A guest of version 0.2.0 of the world tracks, which lacks what 0.2.1 added.

use exports::golden::tracks::handler;
use golden::tracks::failures::Failure;
use golden::tracks::kinds::{Color, Entry, Item, Mode, Options, Point, Shape};
use golden::tracks::{log, values, work};
use wit_bindgen::rt::Map;

wit_bindgen::generate!({
    path: "tracks.wit",
    world: "tracks",
    merge_structurally_equal_types: true,
    async: false,
});

include!("../../common.rs");

pass!(values {
    number(v: i64 = v) -> u16;
    float(v: f64 = v) -> f64;
    glyph(v: String = &v) -> u32;
    scale(v: Option<u16> = v) -> Option<u32>;
    numbers(v: Vec<u8> = &v) -> Vec<u8>;
    table(v: Map<String, u64> = &v) -> Map<String, u64>;
    grid(v: [u64; 3] = v) -> [u64; 3];
    pair(v: (u64, Item) = (v.0, &v.1)) -> (u64, Item);
    verdict(v: Result<u64, Level> = v) -> Option<Result<u64, Level>>;
    levels(v: Vec<Level> = &v) -> Vec<Level>;
    modes(v: Mode = v) -> Mode;
    shapes(v: Shape = &v) -> Shape;
    choose(v: Options = &v) -> Options;
    enter(v: Entry = &v) -> Entry;
    params(name: String = &name, count: Option<u32> = count, options: Options = &options) -> String;
    renamed(first: u32 = first, second: String = &second) -> String;
    swapped(a: u32 = a, b: u32 = b) -> u32;
    told(n: u32 = n) -> Vec<String>;
    asked(n: u32 = n) -> u32;
    paint(v: Color = v) -> Color;
}
    fn items(v: Option<Item>) -> Option<Item> {
        see(&v);
        if answers("labels") {
            return Some(labelled());
        }
        let result = values::items(v.as_ref());
        see(&result);
        result
    }
);

/// Returns an item with what version 0.3 has no place for.
fn labelled() -> Item {
    Item { at: Point { x: 1, y: 2 }, name: "l".to_string(), size: 3, labels: vec!["a".to_string()] }
}

pass!(failures {
    owned(n: u32 = n) -> Result<u32, Failure>;
    worth(n: u32 = n) -> Result<u64, Failure>;
    may(n: u32 = n) -> Result<String, Failure>;
    cannot(n: u32 = n) -> String;
    text(n: u32 = n) -> Result<u32, String>;
    reason(n: u32 = n) -> Result<u32, Option<String>>;
    bare(n: u32 = n) -> Result<u32, String>;
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

struct Note(&'static str, Alive);

impl handler::GuestNote for Note {
    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl handler::Guest for Component {
    type Session = Session;
    type Note = Note;

    fn first_note() -> handler::Note {
        handler::Note::new(Note("first", Alive::new()))
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
}

/// Takes sinks of the host's through all that there is to do with them.
fn sinks() -> String {
    let sink = log::Sink::new(Level::Trace);
    let wrote = sink.write(Level::Trace, "x");
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
        2
    }
    fn seen() -> Vec<String> {
        take_seen()
    }
    fn script(what: String) -> String {
        match what.as_str() {
            "log" => log::log(Level::Warn, "m", Some(&Item { labels: vec![], ..labelled() })).to_string(),
            "old labels" => format!("{:?}", values::items(Some(&labelled()))),
            "old count" => values::params("n", Some(3), &Options { deadline: None, tags: vec![] }),
            "no count" => values::params("n", None, &Options { deadline: Some(5), tags: vec!["t".to_string()] }),
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
