//! Makes a component of a core module: component CORE OUT. The module says
//! itself which world it is for. This stands in for `wasm-tools component new`
//! of a version that does not know maps.

use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let [core, out] = env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "want CORE OUT")?;
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&fs::read(core)?)?
        .encode()?;
    Ok(fs::write(out, component)?)
}
