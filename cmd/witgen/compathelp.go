package main

const compatHelp = `usage: witgen compat [PATH] [--table FORMAT] [OPTIONS]

Compat writes the support table of a contract: for each version that 'witgen
golden' keeps as released, a row that says on which hosts the components run
that were built for it. There is a column for the host of each released version,
and one for that of the WIT package at PATH, which is what witgen.yaml says, or
else ./wit. Of a package with several worlds, each has a table.

  yes      all of them run
  partly   only those run that do not use what is named below the table: what a
           component does not use is not among its imports
  no       none runs, for the reason below the table

Who fits whom is decided as hosts do when they link: by the track of versions,
and then by types, as 'witgen breaking' finds them for guests. The reasons are
the items that changed, with the rules that 'witgen explain' says more of.

A host may serve other tracks beside its own, as 'witgen help generate' has it
for --versions: "yes (0.1)" says that components of track 0.1 run by that. The
newest host does so for the versions in witgen.yaml or in --versions, others for
those that 'witgen golden --release' had from there.

Options, before or after PATH:

  --table FORMAT   text, for people: the default; md, Markdown; or json, an
                   object for each row and column, each on a line: {package,
                   world, guest, host, released, verdict, track, reasons}.
                   Reasons are [{item, rule, used_by, message}]
  --format FORMAT  the same
  --write FILE     put the Markdown table into FILE, rather than printing it:
                   between the lines <!-- witgen compat --> and
                   <!-- /witgen compat -->, of which there are one pair. What is
                   around them stays. A file that is not there is made
  --check FILE     write nothing; print a diff of what --write would change, and
                   exit with 100 if something would. A FILE without those lines
                   has to be the table alone
  --versions LIST  what the newest host serves, rather than what witgen.yaml
                   says: tracks such as 0.1, or versions, with commas between
                   them (repeatable)
  --world WORLD    only this world
  --dir DIR        the directory of released contracts, rather than golden
                   beside witgen.yaml
  --optional-export LIST  exports that components may lack, as for generate,
                   with commas between them (repeatable)
  --features LIST  turn on items that are @unstable (repeatable)
  --all-features   turn on all of them
  --config FILE    read FILE rather than the next witgen.yaml. "none" reads no
                   file

Exit codes: 0 success, 1 error, 2 wrong usage, 100 --check found differences.
`
