//! The guest of the world collections: each function it exports calls the
//! imported function of the same name, and returns what that returns.

use golden::collections::arrays::{Board, Cell, Shape, Sides};
use golden::collections::maps::{Color, Lookup, Page};
use wit_bindgen::rt::Map;

wit_bindgen::generate!({
    path: "../wit",
    world: "collections",
    // What an interface defines is one type, imported or exported.
    merge_structurally_equal_types: true,
    // Their code does not compile: see mod flat.
    skip: ["names", "lists"],
});

struct Guest;

/// Implements an exported interface. Behind `=` stands what goes to the
/// imported function: what it takes by reference is lent to it.
macro_rules! pass {
    ($interface:ident {
        $($name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? = ($($value:expr),* $(,)?);)*
    }) => {
        impl exports::golden::collections::$interface::Guest for Guest {
            $(fn $name($($arg: $type),*) $(-> $result)? {
                golden::collections::$interface::$name($($value),*)
            })*
        }
    };
}

pass!(maps {
    scores_through(a: Map<String, u32>) -> Map<String, u32> = (&a);
    bool_keys(a: Map<bool, String>) -> Map<bool, String> = (&a);
    char_keys(a: Map<char, char>) -> Map<char, char> = (&a);
    small_keys(
        a: Map<i8, u8>, b: Map<u8, i64>, c: Map<i16, bool>, d: Map<u16, f64>,
    ) -> Map<i8, u8> = (&a, &b, &c, &d);
    large_keys(
        a: Map<i32, u8>, b: Map<u32, f32>, c: Map<i64, u16>, d: Map<u64, Color>,
    ) -> Map<i64, u16> = (&a, &b, &c, &d);
    map_values(
        a: Map<u32, Vec<u8>>, b: Map<u32, [u8; 32]>, c: Map<u32, [Cell; 2]>, d: Map<u32, Option<Cell>>,
    ) -> Map<u32, [Cell; 2]> = (&a, &b, &c, &d);
    nested_maps(
        a: Map<String, Map<String, Map<u8, String>>>, b: Vec<Map<u8, u8>>,
    ) -> Map<String, Map<String, Map<u8, String>>> = (&a, &b);
    pages(a: Page, b: Vec<Page>) -> Page = (&a, &b);
    lookups(a: Lookup, b: Option<Lookup>) -> Lookup = (&a, b.as_ref());
    map_pairs(
        a: (Map<u8, u8>, u8, Map<String, String>),
    ) -> (Map<u8, u8>, u8, Map<String, String>) = ((&a.0, a.1, &a.2));
    map_or_text(a: u8) -> Result<Map<String, u32>, String> = (a);
    map_or_map(a: u8) -> Result<(), Map<u8, String>> = (a);
});

pass!(arrays {
    digests(a: [u8; 32], b: Vec<[u8; 32]>) -> [u8; 32] = (a, &b);
    one(a: [u8; 1]) -> [u8; 1] = (a);
    one_wide(a: [f64; 1]) -> [f64; 1] = (a);
    few_bytes(a: [u8; 4], b: [u8; 2]) -> [u8; 4] = (a, b);
    most(a: [u8; 16]) -> [u8; 16] = (a);
    too_many(a: [u8; 17]) -> [u8; 17] = (a);
    ints(
        a: [i8; 2], b: [u16; 2], c: [i16; 2], d: [u32; 2], e: [i32; 2], f: [u64; 2], g: [i64; 2],
    ) -> ([i8; 2], [u16; 2], [i16; 2], [u32; 2], [i32; 2], [u64; 2], [i64; 2]) = (a, b, c, d, e, f, g);
    reals(a: [f32; 3], b: [f64; 3]) -> ([f32; 3], [f64; 3]) = (a, b);
    truths(a: [bool; 3], b: [char; 2]) -> ([bool; 3], [char; 2]) = (a, b);
    cells(a: [Cell; 2], b: u8) -> [Cell; 2] = (a, b);
    matrix(a: [[f32; 2]; 3]) -> [[f32; 2]; 3] = (a);
    optional(
        a: Option<[u32; 2]>, b: [Option<u32>; 2], c: Result<[u8; 2], [f32; 2]>,
    ) -> [Option<u32>; 2] = (a, b, c);
    outlines(a: Shape, b: [Sides; 3]) -> Shape = (&a, b);
    routes(a: Vec<Vec<Vec<Shape>>>) -> u32 = (&a);
    boards(a: Board) -> Board = (&a);
    array_or_array(a: u8) -> Result<[u8; 4], [String; 2]> = (a);
});

/// Functions with lists of a fixed length whose elements own memory and go as
/// core values: wit-bindgen moves them out of an array, which Rust refuses.
/// What a caller placed in this memory is handed on as it is, and never freed.
mod flat {
    macro_rules! pass {
        ($name:ident, $import:literal, $export:literal, $words:literal, ($($arg:ident)*)) => {
            #[unsafe(export_name = $export)]
            unsafe extern "C" fn $name($($arg: usize),*) -> *mut u8 {
                #[link(wasm_import_module = "golden:collections/arrays@1.0.0")]
                unsafe extern "C" {
                    #[link_name = $import]
                    fn import($($arg: usize,)* result: *mut u8);
                }
                static mut RESULT: [u32; $words] = [0; $words];
                let result = &raw mut RESULT as *mut u8;
                unsafe { import($($arg,)* result) };
                result
            }
        };
    }

    pass!(names, "names", "golden:collections/arrays@1.0.0#names", 6, (a b c d e f));
    pass!(lists, "lists", "golden:collections/arrays@1.0.0#lists", 4, (a b c d e f g h i j k l));
}

export!(Guest);
