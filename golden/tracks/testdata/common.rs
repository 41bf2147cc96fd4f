// What the guests of all versions have in common.

use std::{
    cell::{Cell, RefCell},
    fmt::Debug,
};

struct Component;

thread_local! {
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<String> = const { RefCell::new(String::new()) };
    static LIVE: Cell<u32> = const { Cell::new(0) };
}

/// Notes a value as this version has it.
fn see<T: Debug>(v: &T) {
    SEEN.with(|seen| seen.borrow_mut().push(format!("{v:?}")));
}

#[allow(dead_code)] // version 0.3 has nothing of the kind
/// Reports whether the guest was told to answer so, once.
fn answers(what: &str) -> bool {
    ANSWER.with(|a| {
        let yes = *a.borrow() == what;
        if yes {
            a.borrow_mut().clear();
        }
        yes
    })
}

/// Is there as long as what has it.
struct Alive;

impl Alive {
    fn new() -> Self {
        LIVE.with(|n| n.set(n.get() + 1));
        Alive
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        LIVE.with(|n| n.set(n.get() - 1));
    }
}

/// Implements an exported interface: each function notes what it is given, passes
/// it to the imported function of the same name, as behind `=`, notes what that
/// returns, and returns it.
macro_rules! pass {
    ($interface:ident {
        $($name:ident($($arg:ident: $type:ty = $given:expr),*) $(-> $result:ty)?;)*
    } $($rest:item)*) => {
        impl exports::golden::tracks::$interface::Guest for Component {
            $(fn $name($($arg: $type),*) $(-> $result)? {
                $(see(&$arg);)*
                let result = golden::tracks::$interface::$name($($given),*);
                see(&result);
                result
            })*
            $($rest)*
        }
    };
}

// The interface that never changes. Counters are the host's, in those of the guest.
mod counters {
    use crate::{exports::golden::tracks::tally, golden::tracks::tally as host};

    pub struct Counter(pub host::Counter);

    impl tally::GuestCounter for Counter {
        fn new(start: u32) -> Self {
            Counter(host::Counter::new(start))
        }
        fn add(&self, n: u32) -> u32 {
            self.0.add(n)
        }
        fn join(a: tally::Counter, b: tally::CounterBorrow<'_>) -> tally::Counter {
            let a = a.into_inner::<Counter>();
            tally::Counter::new(Counter(host::Counter::join(a.0, &b.get::<Counter>().0)))
        }
    }
}

impl exports::golden::tracks::tally::Guest for Component {
    type Counter = counters::Counter;

    fn sum(all: Vec<golden::tracks::kinds::Point>) -> golden::tracks::kinds::Point {
        golden::tracks::tally::sum(&all)
    }
    fn turn(
        s: golden::tracks::kinds::Sign,
        c: golden::tracks::kinds::Color,
    ) -> Result<(golden::tracks::kinds::Point, golden::tracks::kinds::Color), golden::tracks::kinds::Color> {
        golden::tracks::tally::turn(&s, c)
    }
    fn grant(r: golden::tracks::kinds::Rights) -> golden::tracks::kinds::Rights {
        golden::tracks::tally::grant(r)
    }
}

fn take_seen() -> Vec<String> {
    SEEN.with(|seen| seen.borrow_mut().split_off(0))
}

fn set_answer(what: &str) -> String {
    ANSWER.with(|a| *a.borrow_mut() = what.to_string());
    String::new()
}
