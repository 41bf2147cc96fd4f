//! The guest of the world worlds: what it exports calls what it imports.

use std::cell::{Cell, RefCell};

use exports::status::{Guest as Status, GuestWatch, Report};

wit_bindgen::generate!({
    path: "../wit",
    world: "worlds",
});

struct Component;

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

impl Guest for Component {
    fn run(messages: Vec<Message>) -> Result<Vec<u32>, Refusal> {
        RUNS.with(|n| n.set(n.get() + 1));
        messages
            .into_iter()
            .map(|m| {
                LAST.with(|last| *last.borrow_mut() = Some(m.text.clone()));
                say(&m)
            })
            .collect()
    }

    fn note(text: String) {
        crate::note(&format!("the guest says {text}"));
    }

    fn loudest(all: Levels) -> Option<Level> {
        all.into_iter().max_by_key(|l| *l as u8)
    }

    fn count(c: Counter, n: u32) -> Counter {
        let more = Counter::new(n);
        let both = Counter::sum(&c, &more);
        for other in counters() {
            other.add(both);
        }
        c.add(n);
        c
    }

    fn peek(c: &Counter) -> u32 {
        c.add(0)
    }

    fn read(e: Entry) -> String {
        match find(&e.value()) {
            Ok(next) => next.value(),
            Err(problem) => format!("{problem:?}"),
        }
    }

    fn copy(i: Item) -> Result<Item, Problem> {
        golden::worlds::store::put(&i)?;
        Ok(Item {
            value: golden::worlds::store::get(&i.key)?,
            key: golden::worlds::store::open(&i.key).value(),
        })
    }

    fn later(by: u64) -> u64 {
        clock::now() + by
    }

    fn make(name: String) -> bool {
        let token = internal::Token::new(&name);
        token.name() == name && internal::check(&token)
    }
}

struct Watch(String);

impl GuestWatch for Watch {
    fn new(name: String) -> Self {
        Watch(name)
    }

    fn name(&self) -> String {
        self.0.clone()
    }
}

impl Status for Component {
    type Watch = Watch;

    fn get() -> Report {
        Report {
            runs: RUNS.with(Cell::get),
            last: LAST.with(|last| last.borrow().clone()),
        }
    }
}

export!(Component);
