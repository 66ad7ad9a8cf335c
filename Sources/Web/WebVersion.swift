/// Version of the product; `scripts/check-deb.sh` holds it against the daemon's.
package enum WebVersion {
    package static let current = "0.1.0"
}
