// Package admin is a page for those who run plugins: what each slot of a host
// serves and how it fares, and buttons for what an operator decides.
//
//	page, err := admin.NewHandler(host, admin.Config{Token: os.Getenv("ADMIN_TOKEN")})
//	mux.Handle("/admin/", http.StripPrefix("/admin", page))
//
// These are its addresses, all below the one that it is served at:
//
//	/             all slots
//	/slot?name=N  one slot, with its buttons
//	/status.json  the same as JSON: all slots, or one with ?name=N
//	/act          takes what the buttons do, as a form: slot, do, revision, reason
//	/login        takes the token
//	/healthz      answers as long as the program does
//	/readyz       says whether calls of all slots are served
//
// The last two and the form of /login are for everybody, and say nothing of the
// host. All else needs the token: from a browser the cookie that /login gives for
// it, from a program the header "Authorization: Bearer" and the token. Whoever
// has the token sees where code comes from and may replace what serves.
//
// Who has a wrong token ten times is told to wait, 429 with Retry-After, and may
// try once more every six seconds; so is everybody who never had the right one,
// if there are a hundred wrong ones in all, once a second. Sessions go on.
//
// Reading changes nothing. What changes something is a POST, which a page from
// elsewhere cannot make a browser send: the cookie is SameSite=Strict, and the
// headers Sec-Fetch-Site or Origin have to say that the form was this page's.
//
// The page works without scripts. What it shows of plugins, their metadata, their
// reasons to fail, is text by somebody else: it is escaped, cut to a length, and
// has no characters that change how the text around it reads.
//
// The token is as safe as the way there: serve the page by TLS, or to the same
// machine alone.
package admin
