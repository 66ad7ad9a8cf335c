# Everything a person or a machine needs: `make demo` and `make test` work on a fresh Debian with Swift.
SWIFT ?= swift
JOBS ?= $(shell nproc)
RELEASE := .build/release/tarsier

.PHONY: help demo test test-vm build bench bench-peers bench-imaging fuzz-jpeg load check format setup setup-test setup-deb \
	setup-vm test-arm deb clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install the libraries that are missing (apt)
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh test

setup-vm:
	@scripts/setup.sh vm

build: setup ## release build of the daemon
	@echo "== building tarsier (release; the first build takes some minutes)"
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier $(shell scripts/release-flags.sh)

demo: build ## the main job without a camera: rendered scenes, int8 network, results read back from the socket
	@scripts/demo.sh $(RELEASE)

test: setup-test build ## every test: kernels, passes, engine, socket, command line, ARM kernels under an emulator
	@scripts/test.sh

test-vm: setup-vm setup-deb build ## cameras and systemd for real: a kernel in an emulator, with cameras that break on demand; as root
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier-samples $(shell scripts/release-flags.sh)
	@scripts/make-deb.sh $(RELEASE)
	@cc -O2 -Wall -static -o .build/freeze-thread Tests/vm/freeze-thread.c
	@scripts/vm/test.sh --with .build/deb/tarsier_*_$(shell dpkg --print-architecture).deb --with .build/freeze-thread

bench: build ## latency and per-layer tables of the default model, int8 against float
	@scripts/bench.sh $(RELEASE)

bench-peers: build ## the same networks in OpenVINO, LiteRT and onnxruntime, in turns with ours; needs Python and a network once
	@scripts/bench-peers.sh $(RELEASE)

bench-imaging: build ## a camera's frame to the network's input, beside OpenCV; needs Python and a network once
	@scripts/bench-imaging.sh

fuzz-jpeg: setup ## 10,000 damaged JPEGs through the decoder, under the address and undefined behaviour sanitizers
	@scripts/fuzz-jpeg.sh

load: build ## the socket under load: 500 subscribers, hostile clients, kill -9, 5 million wrong requests; minutes
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier-load $(shell scripts/release-flags.sh)
	@scripts/load.sh .build/release

setup-deb:
	@scripts/setup.sh deb

deb: setup-deb build ## a Debian package of the release build, checked; into .build/deb
	@scripts/make-deb.sh $(RELEASE)
	@scripts/check-deb.sh .build/deb/tarsier_*_$(shell dpkg --print-architecture).deb

test-arm: ## the ARM kernels against the scalar, on emulated Cortex-A53, A72, A76 and newer
	@scripts/check-arm-kernels.sh

check: ## formatting of Swift and C
	@scripts/check-format.sh

format: ## rewrite Swift and C in the house style
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests
	@scripts/check-format.sh --fix-c

clean: ## remove what was built
	@rm -rf .build .build-*
