//! The guest of the world everything: each function it exports calls the
//! imported function of the same name, and returns what that returns.

use golden::types::base::{Level, Permissions, Position};
use golden::types::choices::{Marker, Shape, Wrapper};
use golden::types::failures::{Causes, Failure, Problem, Reason};
use golden::types::structures::{Everything, FullFlags, ManyFlags, Only, WideFlags};

wit_bindgen::generate!({
    path: "../wit",
    world: "everything",
    // What an interface defines is one type, imported or exported.
    merge_structurally_equal_types: true,
});

struct Guest;

/// Implements an exported interface. Behind `=` stands what goes to the
/// imported function: what it takes by reference is lent to it.
macro_rules! pass {
    ($interface:ident {
        $($name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? = ($($value:expr),* $(,)?);)*
    }) => {
        impl exports::golden::types::$interface::Guest for Guest {
            $(fn $name($($arg: $type),*) $(-> $result)? {
                golden::types::$interface::$name($($value),*)
            })*
        }
    };
}

pass!(primitives {
    bools(a: bool) -> bool = (a);
    small(a: i8, b: u8, c: i16, d: u16) -> i8 = (a, b, c, d);
    large(a: i32, b: u32, c: i64, d: u64) -> i64 = (a, b, c, d);
    floats(a: f32, b: f64) -> f32 = (a, b);
    double(a: f64) -> f64 = (a);
    unsigned(a: u64) -> u64 = (a);
    chars(a: char) -> char = (a);
    strings(a: String, b: String) -> String = (&a, &b);
    keywords(
        type_: u8, func: u8, range: u8, string: u8, len: u8, context: u8,
        ctx: u8, abi: u8, m: u8, err: u8, load_x: u8,
    ) -> u8 = (type_, func, range, string, len, context, ctx, abi, m, err, load_x);
    type_() = ();
    host() = ();
    many(
        a1: u8, a2: u64, a3: String, a4: u8, a5: u8, a6: u8, a7: u8, a8: u8,
        a9: u8, a10: u8, a11: u8, a12: u8, a13: u8, a14: u8, a15: u8, a16: bool,
    ) -> String = (a1, a2, &a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16);
    nothing() = ();
    old() -> bool = ();
});

pass!(sequences {
    blob(a: Vec<u8>) -> Vec<u8> = (&a);
    numbers(a: Vec<i8>, b: Vec<u16>, c: Vec<i32>, d: Vec<u64>) -> Vec<f32> = (&a, &b, &c, &d);
    doubles(a: Vec<f64>) -> Vec<f64> = (&a);
    bits(a: Vec<bool>) -> Vec<bool> = (&a);
    runes(a: Vec<char>) -> Vec<char> = (&a);
    texts(a: Vec<String>) -> Vec<String> = (&a);
    nested(a: Vec<Vec<String>>, b: Vec<Vec<u8>>, c: Vec<Vec<u32>>) -> Vec<Vec<String>> = (&a, &b, &c);
    structs(a: Vec<Position>, b: Vec<Level>) -> Vec<Position> = (&a, &b);
    pair(a: (u8, String)) -> (u8, String) = ((a.0, &a.1));
    single(a: (u64,)) -> (u64,) = (a);
    triple(
        a: (Position, (bool, char), Vec<Position>),
    ) -> (Position, (bool, char), Vec<Position>) = ((&a.0, a.1, &a.2));
});

pass!(structures {
    everything_through(a: Everything) -> Everything = (&a);
    flat(
        a: Position, b: Level, c: Permissions, d: ManyFlags, e: FullFlags, f: WideFlags,
    ) -> Position = (a, b, c, d, e, f);
    level_of(a: Level) -> Level = (a);
    rights_of(a: Permissions) -> Permissions = (a);
    wide_of(a: WideFlags) -> WideFlags = (a);
    in_memory(
        a: Vec<ManyFlags>, b: Vec<WideFlags>, c: Vec<FullFlags>, d: Vec<Permissions>, e: Vec<Only>,
    ) -> (ManyFlags, WideFlags, FullFlags, Only) = (&a, &b, &c, &d, &e);
    where_(a: Position) -> Position = (a);
});

pass!(choices {
    shapes(a: Shape) -> Shape = (&a);
    markers(a: Marker) -> Marker = (a);
    wrapped(a: Wrapper, b: Vec<Shape>) -> Wrapper = (&a, &b);
    float_or_int(
        a: Result<f32, u32>, b: Result<f64, i8>, c: Result<f32, u64>,
    ) -> Result<f32, u32> = (a, b, c);
    options(
        a: Option<u32>, b: Option<String>, c: Option<Option<bool>>,
    ) -> Option<Option<bool>> = (a, b.as_deref(), c);
    option_position(a: Option<Position>, b: Option<Vec<u8>>) -> Option<Position> = (a, b.as_deref());
    results(
        a: (Result<(), ()>, Result<u8, ()>, Result<(), u8>, Result<u8, String>),
    ) -> Vec<Result<String, Position>> = ((a.0, a.1, a.2, a.3.as_ref().copied().map_err(String::as_str)));
    flat_results(
        a: Result<(), ()>, b: Result<u8, ()>, c: Result<(), String>, d: Result<Position, String>,
    ) -> Option<Result<(), ()>> = (a, b, c.as_ref().copied().map_err(String::as_str), d.as_ref().map_err(String::as_str));
    big(a: Option<Everything>) -> Option<Everything> = (a.as_ref());
});

pass!(failures {
    bare() -> Result<(), ()> = ();
    ok_only(a: u8) -> Result<u8, ()> = (a);
    text(a: u8) -> Result<(), String> = (a);
    value_or_text(a: u8) -> Result<String, String> = (a);
    fails(a: u8) -> Result<Position, Failure> = (a);
    fails_alias(a: u8) -> Result<Vec<u8>, Failure> = (a);
    reasons(a: u8) -> Result<u8, Reason> = (a);
    only_reason(a: u8) -> Result<(), Reason> = (a);
    problems(a: u8) -> Result<Option<u64>, Problem> = (a);
    foreign(a: u8) -> Result<bool, Level> = (a);
    flagged(a: u8) -> Result<Level, Causes> = (a);
    inside(a: Vec<Failure>, b: Reason, c: Problem) -> Vec<Problem> = (&a, b, &c);
    tupled() -> Result<(u8, String), (u8, u8)> = ();
});

export!(Guest);
