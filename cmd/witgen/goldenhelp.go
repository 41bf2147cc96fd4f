package main

const goldenHelp = `usage: witgen golden [PATH] --check [OPTIONS]
       witgen golden [PATH] --update [OPTIONS]
       witgen golden [PATH] --release X.Y.Z [OPTIONS]

Golden keeps what a contract is, as text that is committed and reviewed like
code, in the directory golden beside witgen.yaml, or else in ./golden. For
version 0.2.1 of the WIT package acme:kv these are, sorted, without comments:

  acme_kv@0.2.1.wit    the package, with the packages that it needs
  acme_kv@0.2.1.abi    what core modules see: for each function its core
                       signature as an import and as an export, for each type
                       its size, alignment, discriminant and offsets
  acme_kv@0.2.1.goapi  the exported Go API of the packages that witgen generates
                       for its world, a line for each declaration
  lock.json            which versions are released, the digests of all files,
                       and the witgen that wrote them

What an edit changes of the contract shows in them, and nothing else does. A
version that is released stays as it is: it is what 'witgen breaking' compares
with.

Which packages and worlds, and what Go names they have, is what witgen.yaml says
for generate; with PATH it is the package there.

  --check          write nothing; print a diff of what would change, and exit
                   with 100 if something would, or if a file of a released
                   version is not what it was
  --update         write the files of the version that the package has now. It
                   fails if that is released, and another contract
  --release X.Y.Z  update, and mark that version as released: the package has to
                   have it

Options, before or after PATH:

  --dir DIR        the directory, rather than golden
  --world NAME     the world, if the package has several
  --features LIST  turn on items that are @unstable: names with commas between
                   them (repeatable)
  --config FILE    read FILE rather than the next witgen.yaml. "none" reads no
                   file

Of a released version, the Go API may gain declarations: another version of
witgen may generate more than the one that wrote it.

Exit codes: 0 success, 1 error, 2 wrong usage, 100 a check found differences.
`
