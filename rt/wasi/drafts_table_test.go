package wasi_test

// drafted has a line for each function of the drafts that guests import, as
// functions has for WASI itself; interfaces have their versions.
const drafted = `
config/runtime@0.2.0-draft        get              settings.Runtime.Get        settings.TestRuntime
config/runtime@0.2.0-draft        get-all          settings.Runtime.GetAll     settings.TestRuntime
config/store@0.2.0-draft          get              settings.Store.Get          wasi.TestDraftConfig
config/store@0.2.0-draft          get-all          settings.Store.GetAll       wasi.TestDraftConfig
config/store@0.2.0-rc.1           get              settings.Store.Get          settings.TestStore
config/store@0.2.0-rc.1           get-all          settings.Store.GetAll       settings.TestStore
keyvalue/atomics@0.2.0-draft      increment        keyvalue.Draft1.Increment   keyvalue.TestIncrement
keyvalue/atomics@0.2.0-draft2     cas.current      keyvalue.Cas.Current        keyvalue.TestCas
keyvalue/atomics@0.2.0-draft2     cas.new          keyvalue.Draft2.CasNew      keyvalue.TestCas
keyvalue/atomics@0.2.0-draft2     increment        keyvalue.Draft2.Increment   keyvalue.TestIncrement
keyvalue/atomics@0.2.0-draft2     swap             keyvalue.Draft2.Swap        keyvalue.TestCas
keyvalue/batch@0.2.0-draft        delete-many      keyvalue.Draft1.DeleteMany  keyvalue.TestBatch
keyvalue/batch@0.2.0-draft        get-many         keyvalue.Draft1.GetMany     keyvalue.TestBatch
keyvalue/batch@0.2.0-draft        set-many         keyvalue.Draft1.SetMany     keyvalue.TestBatch
keyvalue/batch@0.2.0-draft2       delete-many      keyvalue.Draft2.DeleteMany  keyvalue.TestBatch
keyvalue/batch@0.2.0-draft2       get-many         keyvalue.Draft2.GetMany     keyvalue.TestBatch
keyvalue/batch@0.2.0-draft2       set-many         keyvalue.Draft2.SetMany     keyvalue.TestBatch
keyvalue/store@0.2.0-draft        bucket.delete    keyvalue.Shared.Delete      keyvalue.TestBucket
keyvalue/store@0.2.0-draft        bucket.exists    keyvalue.Shared.Exists      keyvalue.TestBucket
keyvalue/store@0.2.0-draft        bucket.get       keyvalue.Shared.Get         keyvalue.TestBucket
keyvalue/store@0.2.0-draft        bucket.list-keys keyvalue.Bucket1.ListKeys   keyvalue.TestListKeys
keyvalue/store@0.2.0-draft        bucket.set       keyvalue.Shared.Set         keyvalue.TestBucket
keyvalue/store@0.2.0-draft        open             keyvalue.Draft1.Open        keyvalue.TestOpen
keyvalue/store@0.2.0-draft2       bucket.delete    keyvalue.Shared.Delete      keyvalue.TestBucket
keyvalue/store@0.2.0-draft2       bucket.exists    keyvalue.Shared.Exists      keyvalue.TestBucket
keyvalue/store@0.2.0-draft2       bucket.get       keyvalue.Shared.Get         keyvalue.TestBucket
keyvalue/store@0.2.0-draft2       bucket.list-keys keyvalue.Bucket2.ListKeys   keyvalue.TestListKeys
keyvalue/store@0.2.0-draft2       bucket.set       keyvalue.Shared.Set         keyvalue.TestBucket
keyvalue/store@0.2.0-draft2       open             keyvalue.Draft2.Open        keyvalue.TestOpen
logging/logging                   log              logging.Log.Log             wasi.TestDraftLogging
logging/logging@0.1.0-draft       log              logging.Log.Log             logging.TestLog
`

// draftFunctions is how many there are.
const draftFunctions = 31
