package main

const generateHelp = `usage: witgen generate [PATH] --out DIR [OPTIONS]
       witgen generate [--config FILE] [OPTIONS]

Generate writes Go bindings for a world of the WIT package at PATH, which is a
.wit file, a directory of them, with other packages in its directory deps, or a
.wasm file: an encoded package, or a component, which becomes a world by what it
imports and exports. PATH is ./wit if it is left out.

For each interface that the world imports or exports, and for the world itself,
it writes a package below DIR, in files called *.wit.go. Only files that change
are written, and all of them or none. Files that an earlier run wrote to DIR for
this world, or for one that its package no longer has, and that no item leads to
any more are removed. Other files are never touched, be they written by hand or
for another world: where one is in the way, nothing is written. So each world
wants a DIR of its own; that may lie in another's. Success is silent.

  witgen generate --out api
  witgen generate wit --world plugin --out api --features peeking
  witgen generate --stdout --out api wit/plugin.wit --world plugin

In a Go file, once "go get -tool github.com/witgen/witgen/cmd/witgen" has named
witgen in go.mod:

  //go:generate go tool witgen generate wit --world plugin --out api

Async functions are ordinary methods; they work as long as the guest never
waits. Functions with a stream, a future or an error-context in their types have
methods too, but a call fails, with rt.ErrNotSupported.

Options, before or after PATH:

  --world NAME          the world: one of the package, or "ns:pkg/world@version"
                        of another one; needed if the package has several
  --out DIR             the output directory
  --package NAME        the name of the world's package and its directory; by
                        default it is the world's, without dashes
  --package-root PATH   the import path of DIR; by default it follows from the
                        nearest go.mod at or above DIR
  --rename ITEM=NAME    give an item another Go name (repeatable); an item is an
                        interface or world ("host-api", "wasi:io/streams"), or
                        something in it ("host-api.get-config",
                        "plugin-api.process-request.input")
  --with ITEM=PATH      use the bindings of an interface that are in the package
                        at an import path already (repeatable); see below
  --versions LIST       serve components of these versions of the package too,
                        by released contracts; see below
  --golden DIR          where witgen golden keeps those; by default golden, in
                        the current directory or beside witgen.yaml
  --optional-export EXPORT  let components lack an export of the world
                        (repeatable); see below
  --wasi HOW            "runtime", the default, takes the bindings of WASI 0.2
                        and of drafts that package rt/wasi has, and leaves it to
                        that package to implement them; "generate" treats WASI
                        like any other package
  --features LIST       turn on items that are @unstable: names with commas
                        between them (repeatable), each that of some item
  --config FILE         read FILE rather than the next witgen.yaml; see below.
                        "none" reads no file
  --check               write nothing; print what would change as a unified diff
                        and exit with 100 if that is anything: files that are
                        missing, differ, or are left over
  --dry-run             write nothing; list the files that would change
  --stdout              write nothing; print the files as a txtar archive
  -v                    list the files that change

Bindings that exist. An ITEM of --with is an interface ("host-api",
"wasi:io/streams"), or that only in a version or a track of versions
("wasi:io/streams@0.2.3", "wasi:io/streams@0.2"), or all interfaces of a
package, each in the directory that witgen gives it:

  --with 'wasi:io/*@0.2=example.com/bindings/wasi/io/*'

Nothing is generated for such an interface. Other packages refer to its types
and resources where they are, and the world to its Interface, Import and Export.
So the package must come from witgen, in the same format (see witgen version),
for a world that imports the interface if this one does and exports it if this
one does, with the same --rename for all in it. The interfaces whose types it
uses need a --with too. A --with or --rename that is about nothing is an error.

Optional exports. An EXPORT is an interface that the world exports ("extra",
"acme:kv/extra"), a function of one ("acme:kv/handler#flush", for a resource's
"handler#session.end" or "handler#session.constructor"), or what the world has a
name of its own for: a function, an interface that is written in it, or a name
for another ("plugin#reset", "plugin#status", "plugin#status.run"). The field
for an interface is an option; for a function there is a method that tells
whether the component has it, and a call fails with rt.ErrNotExported if not:

  if extra, ok := p.Extra.Get(); ok { err = extra.Farewell(ctx) }
  if p.HasHandlerFlush() { err = p.Handler.Flush(ctx) }
  if p.HasReset() { err = p.Reset(ctx) }

What a component does export is of the world's type, or it does not link. A
resource may be lacking if all of its functions may.

Several versions. With --versions 0.1,0.2 there is a package for each interface
and the world in each track of versions: v0_2/plugin, v0_1/plugin. The package's
own track is the newest; the others are the newest released ones that witgen
golden keeps. Types that have not changed are aliases of the newest. A host is
written for the newest alone: its Prepare and Instantiate find out by the names
that a component imports and exports which version that was built for, and
convert what has changed. A call in which something cannot be said in the other
version fails with rt.ErrLossy; one of a function that the component's version
lacks with rt.ErrNotExported, and there is a method that tells, as for optional
exports. Where Go cannot know what to convert to, as for a field that is new and
always has a value, the code calls a function that is yours to write and does
not compile without it: the compiler's message leads to what it is to do.

WASI. Instances are given what the world imports of WASI 0.2 in their
configuration, which for most worlds is all there is to do:

  plugin.Instantiate(ctx, component, plugin.Imports{...},
    rt.InstanceConfig{Imports: wasi.Imports(wasi.Config{Stdout: os.Stdout})})

A --with for an interface of WASI wins over that.

The file. Without PATH, generate looks for witgen.yaml in the current directory
and above it, up to the root of the Go module, and works through its entries:

  generate:
    - wit: wit                  # PATH; all paths are relative to the file
      world: plugin             # each key is the option of that name
      out: api
      package: plugin
      package-root: example.com/app/api
      rename: {store: KV}
      with:
        wasi:io/*@0.2: example.com/bindings/wasi/io/*
      features: [peeking]
      optional_exports: ["handler#flush", "plugin#reset"] # --optional-export
      wasi: runtime
      versions: ["0.1", "0.2"]  # --versions
      golden: golden

Options win over the file of one entry: --rename and --with item by item. Where
the file has several, options that would be about all of them are wrong, but not
--check, --dry-run, --stdout and -v.

Exit codes: 0 success, 1 error, 2 wrong usage, 100 --check found differences.
`
