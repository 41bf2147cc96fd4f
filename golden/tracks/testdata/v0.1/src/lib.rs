//! A guest of version 0.1.3 of the world tracks.

use exports::golden::tracks::handler;
use golden::tracks::failures::Failure;
use golden::tracks::kinds::{Color, Entry, Item, Mode, Options, Problem, Shape};
use golden::tracks::{bells, log, values, work};
use wit_bindgen::rt::Map;

wit_bindgen::generate!({
    path: "../../golden/golden_tracks@0.1.3.wit",
    world: "tracks",
    merge_structurally_equal_types: true,
    async: false,
});

include!("../../common.rs");

pass!(values {
    number(v: i32 = v) -> u32;
    float(v: f32 = v) -> f64;
    glyph(v: char = v) -> char;
    scale(v: u32 = v) -> u32;
    numbers(v: Vec<u32> = &v) -> Vec<u32>;
    table(v: Map<String, u32> = &v) -> Map<String, u32>;
    grid(v: [u32; 3] = v) -> [u32; 3];
    pair(v: (u32, Item) = (v.0, &v.1)) -> (u32, Item);
    verdict(v: Result<u32, Level> = v) -> Option<Result<u32, Level>>;
    choose(v: Options = v) -> Options;
    items(v: Option<Item> = v.as_ref()) -> Option<Item>;
    enter(v: Entry = &v) -> Entry;
    params(name: String = &name) -> String;
    renamed(one: u32 = one, other: String = &other) -> String;
    swapped(b: u32 = b, a: u32 = a) -> u32;
    told(n: u32 = n);
    paint(v: Color = v) -> Color;
}
    fn levels(v: Vec<Level>) -> Vec<Level> {
        see(&v);
        if answers("fatal") {
            return vec![Level::Fatal];
        }
        let result = values::levels(&v);
        see(&result);
        result
    }
    fn modes(v: Mode) -> Mode {
        see(&v);
        if answers("sync") {
            return Mode::SYNC;
        }
        let result = values::modes(v);
        see(&result);
        result
    }
    fn shapes(v: Shape) -> Shape {
        see(&v);
        if answers("blob") {
            return Shape::Blob("b".to_string());
        }
        let result = values::shapes(&v);
        see(&result);
        result
    }
    fn asked(n: u32) -> Option<u32> {
        see(&n);
        if answers("some") {
            return Some(n);
        }
        let result = values::asked(n);
        see(&result);
        result
    }
);

pass!(failures {
    owned(n: u32 = n) -> Result<u32, Failure>;
    worth(n: u32 = n) -> Result<u32, Failure>;
    may(n: u32 = n) -> String;
    text(n: u32 = n) -> Result<u32, char>;
    reason(n: u32 = n) -> Result<u32, ()>;
    rank(n: u32 = n) -> Result<(), Level>;
    moved(n: u32 = n) -> Result<(), Problem>;
}
    fn cannot(n: u32) -> Result<String, Failure> {
        if n == 0 {
            return Err(Failure::Broken);
        }
        golden::tracks::failures::cannot(n)
    }
    fn bare(n: u32) -> Result<u32, Option<u32>> {
        if answers("some") {
            return Err(Some(n));
        }
        let result = golden::tracks::failures::bare(n);
        see(&result);
        result
    }
);

impl exports::golden::tracks::work::Guest for Component {
    fn wait(n: u32) -> u32 {
        see(&n);
        let result = work::wait(n);
        see(&result);
        result
    }
    fn feed(n: u32) -> Vec<u8> {
        work::feed(n)
    }
}

struct Session {
    name: String,
    items: RefCell<Vec<Item>>,
    _alive: Alive,
}

impl handler::GuestSession for Session {
    fn new(name: String) -> Self {
        Session { name, items: RefCell::default(), _alive: Alive::new() }
    }
    fn put(&self, i: Item) -> u32 {
        see(&i);
        let mut items = self.items.borrow_mut();
        items.push(i);
        items.len() as u32
    }
    fn get(&self, name: String) -> Option<Item> {
        self.items.borrow().iter().find(|i| i.name == name).cloned()
    }
    fn merge(a: handler::Session, b: handler::SessionBorrow<'_>) -> handler::Session {
        let a = a.into_inner::<Session>();
        a.items.borrow_mut().extend(b.get::<Session>().items.borrow().iter().cloned());
        handler::Session::new(a)
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
            .map(|_| handler::Session::new(<Session as handler::GuestSession>::new(of.name.clone())))
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

impl exports::golden::tracks::parting::Guest for Component {
    fn part() {}
}

impl exports::status::Guest for Component {
    fn ok() -> bool {
        true
    }
}

/// Takes sinks of the host's through all that there is to do with them.
fn sinks() -> String {
    let sink = log::open(Level::Info).unwrap();
    let wrote = sink.write(Level::Error, "x");
    let (a, b) = log::Sink::split(sink);
    let best = log::best(&[&a, &b]);
    let kept = log::keep(Some(a)).len();
    drop(b);
    format!("wrote {wrote}, best {best}, kept {kept}")
}


impl crate::Guest for Component {
    fn reset() -> u32 {
        7
    }
    fn step(p: Phase) -> Phase {
        match p {
            Phase::Starting => Phase::Running,
            Phase::Running => Phase::Starting,
        }
    }
    fn total(r: Report) -> Report {
        see(&r);
        Report { runs: r.runs + 1, level: if answers("fatal") { Level::Fatal } else { r.level } }
    }
    fn bye() {}
    fn seen() -> Vec<String> {
        take_seen()
    }
    fn script(what: String) -> String {
        match what.as_str() {
            "log" => log::log(Level::Warn, "m").to_string(),
            "old level" => log::log(Level::Fatal, "m").to_string(),
            "old mode" => format!("{:?}", values::modes(Mode::SYNC)),
            "old shape" => format!("{:?}", values::shapes(&Shape::Blob("b".to_string()))),
            "sinks" => sinks(),
            "open error" => log::open(Level::Error).err().unwrap(),
            "drop all" => log::drop_all().to_string(),
            "ring" => bells::ring(Level::Warn).to_string(),
            "beep" => {
                beep();
                "beeped".to_string()
            }
            "clock" => clock().to_string(),
            "say" => format!("{:?}", say(Report { runs: 3, level: Level::Info })),
            "now" => timer::now(Level::Warn).to_string(),
            "gauge" => Gauge::new(9).read().to_string(),
            "feed" => format!("{:?}", work::feed(1)),
            what => set_answer(what),
        }
    }
}

export!(Component);
