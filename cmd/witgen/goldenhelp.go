package main

const goldenHelp = `usage: witgen golden [PATH] --check [OPTIONS]
       witgen golden [PATH] --update [OPTIONS]
       witgen golden [PATH] --release X.Y.Z [OPTIONS]
       witgen golden --record NAME [--calls FILE] [--answer FUNCTION=VALUE]...

Golden keeps what a contract is, as text that is committed and reviewed like
code, in the directory golden beside witgen.yaml, or else in ./golden. For
version 0.2.1 of the WIT package acme:kv these are, sorted, without comments:

  acme_kv@0.2.1.wit    the package, with the packages that it needs
  acme_kv@0.2.1.abi    what core modules see: for each function its core
                       signature as an import and as an export, for each type
                       its size, alignment, discriminant and offsets
  acme_kv@0.2.1.goapi  the exported Go API of the packages that witgen generates
                       for its world, a line for each declaration; those of
                       each track, if hosts serve several
  lock.json            which versions are released, which older ones hosts of
                       those serve by versions in witgen.yaml or --versions, the
                       digests of all files, and the witgen that wrote them
  components/NAME.wasm, components/NAME.calls.jsonl
                       a component that was built for the contract, and calls of
                       it with what came of them, which package rt/replay makes
                       again in a test of the host

What an edit changes of the contract shows in them, and nothing else does. A
version that is released stays as it is: it is what 'witgen breaking' compares
with. So do components with calls, once lock.json has their digests. To let one
go, remove it from there too.

Which packages and worlds, and what Go names they have, is what witgen.yaml says
for generate; with PATH it is the package there alone, with what the file says
of it.

  --check          write nothing; print a diff of what would change, and exit
                   with 100 if something would, if a file of a released version
                   or a component that is kept is not what it was, or if a
                   component has no calls, or calls have no component
  --update         write the files of the version that the package has now. It
                   fails if that is released, and another contract
  --release X.Y.Z  update, and mark that version as released: the package has to
                   have it, and 'witgen breaking' to find no error against the
                   release before in its track
  --record NAME    make calls of components/NAME.wasm, write them with what came
                   of them to components/NAME.calls.jsonl, and keep both

What --record calls it reads from a file, a call on each line, with arguments in
WAVE as for 'witgen run':

  {"call": "acme:kv/handler@0.2.1#handle", "args": ["\"a\"", "3"]}

It adds the result to each, as "result", or as "trap" what the component was
stopped by, if it was so by itself. After a trap there is a new instance; all
other calls are of one. All are made twice, and have to come to the same. If a
line is wrong, nothing is written, and all that are wrong are told. The
component has WASI 0.2 with nothing granted. Functions of the contract that it
imports return what --answer says, always the same; those without a result need
no answer. For components that need more of their host, Record of package
rt/replay does the same with the host.

Options, before or after PATH:

  --dir DIR        the directory, rather than golden
  --calls FILE     what --record calls; with -, or without it where that is no
                   terminal, standard input
  --answer FUNCTION=VALUE  what a function that the component imports returns in
                   calls of --record, in WAVE (repeatable). FUNCTION is a name
                   as 'witgen run --invoke' has them
  --world NAME     the world, if the package has several
  --versions LIST  the versions of the package that hosts serve, as for
                   generate, rather than what witgen.yaml says (repeatable)
  --features LIST  turn on items that are @unstable: names with commas between
                   them (repeatable)
  --config FILE    read FILE rather than the next witgen.yaml. "none" reads no
                   file

Of a released version, the Go API may gain declarations: another version of
witgen may generate more than the one that wrote it.

Exit codes: 0 success, 1 error, 2 wrong usage, 100 a check found differences.
`
