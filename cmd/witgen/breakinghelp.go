package main

const breakingHelp = `usage: witgen breaking [PATH] [--against SOURCE] [OPTIONS]

Breaking compares the WIT package at PATH with an older version of it, and finds
what guests or hosts would notice: guests that were built for the old contract
and meet a new host (GUESTS), and guests built for the new one that meet a host
which is out there already (HOSTS). Whether a world imports or exports an
interface decides what breaks whom. Everything is found in one run. PATH is what
witgen.yaml says, or else ./wit.

A SOURCE is where the older version is:

  golden        the newest version that is released in the directory golden, in
                the same track as the package's version is now: the default.
                A package that has another name now is compared with the release
                of the old one, if that is no other package's
  git:REF       the same path in a commit: a branch, tag or commit, as in
                git:origin/main or git:HEAD~3
  git:REF:PATH  another path in it, from the root of the repository, or from
                here if it begins with ./ or ../
  PATH          a .wit file, a directory of them, or a .wasm file: an encoded
                WIT package, or a component. That is a guest which exists; what
                it uses is compared with the world that it is for

Of packages that witgen.yaml has an entry of generate for, the Go packages are
compared too, as the entry has them: what Go code that uses them notices (GO).
Without one they are if --use has GO or a rule of it. Import paths are among it:
they have the tracks that hosts serve, if those are several.

Hosts of a release go on serving the older versions that they served, which
lock.json beside it says: in the versions of generate in witgen.yaml, or in
--versions. Of a SOURCE that is no release nobody knows them; its Go packages
are those for the versions that are served now.

Nothing is fetched, and no other program is run: the objects of the repository
are read as they are.

A finding is a line "file:line:col: severity RULE [CATEGORY]: message", and
below it where the item was, and what to do. Errors are what breaks guests that
exist, and what core modules do not show, so that a host that looks at those
alone would misread values; all else is a warning or for information. Where the
version is in another track than it was, all is for information: components of
the old track are never linked to the new one. 'witgen rules' lists the rules,
and 'witgen explain RULE' says more of one.

Options, before or after PATH:

  --against SOURCE  what to compare with
  --world LIST      only these worlds: bare names with commas between them
                    (repeatable)
  --role ROLE       imports, exports or both: on which side of worlds to look,
                    and in which role an interface is that no world has
  --direction SIDE  guests, hosts or both: in which direction to look. What Go
                    code notices is of hosts
  --use LIST        what is an error: categories and rules with commas between
                    them (repeatable). All others are warnings then, but for
                    those that always are errors, and what core modules do not
                    show
  --except LIST     categories and rules that are left out (repeatable); a rule
                    in --use is not, even if its category is here
  --versions LIST   the versions of the package that hosts serve, as for
                    generate, rather than what witgen.yaml says (repeatable)
  --optional-export EXPORT  an export that guests may lack, as for generate: a
                    new one breaks nothing (repeatable)
  --features LIST   turn on items that are @unstable: names with commas between
                    them (repeatable). They are compared then; without it they
                    are not there
  --all-features    turn on all of them
  --strict          warnings fail, too
  --suggest         say which version the package needs by what changed
  --format FORMAT   how to print findings; see below
  --config FILE     read FILE rather than the next witgen.yaml. "none" reads no
                    file

The file. Of witgen.yaml, in the current directory or above it, up to the root
of the Go module, this is for breaking; options win over it:

  breaking:
    wit: wit                  # PATH; paths are relative to the file. Without
                              # it, those of all entries of generate
    against: golden           # and so is the directory golden
    worlds: [plugin]          # --world
    role: both
    direction: both
    use: [GUESTS, HOSTS]
    except: [NAMES]
    features: [peeking]
    optional_exports: ["acme:kv/handler#flush"] # and those of generate,
                              # which takes these for its entries, too
    ignore:
      - item: acme:kv/debug   # with all that is in it
        rules: [FUNC_NO_DELETE] # or without this all rules
        until: 2027-01-01     # the last day; after it the entry is an error
        reason: experimental
    ignore_unstable: true     # even with features
    strict: false

` + formatHelp + `
Exit codes: 0 compatible, 1 error, 2 wrong usage, 100 findings that are errors.
`
