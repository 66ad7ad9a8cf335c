/// Version of the product, as `tarsier --version` and `hello` tell it.
package enum Version {
    package static let current = "0.1.0"
}
