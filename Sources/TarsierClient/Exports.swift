// The messages of the protocol are this library's vocabulary: whoever imports the client gets them with it.
@_exported public import Wire
