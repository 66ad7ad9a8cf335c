# Everything a person or a machine needs: `make demo` and `make test` work on a fresh Debian with Swift.
SWIFT ?= swift
JOBS ?= $(shell nproc)
RELEASE := .build/release/tarsier
ARCHITECTURE = $(shell dpkg --print-architecture)
ARM64 := .build-arm64-bookworm/aarch64-unknown-linux-gnu/release/tarsier

.PHONY: help demo test test-vm build bench bench-peers load check format setup setup-test setup-deb setup-vm test-arm build-arm64 deb deb-arm64 bench-imaging bench-camera fuzz-jpeg fuzz-import fuzz soak sanitize clean

help: ## what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install the libraries that are missing (apt)
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh test

setup-vm:
	@scripts/setup.sh vm

build: setup ## release build of the daemon and of the page for browsers
	@echo "== building tarsier (release; the first build takes some minutes)"
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier $(shell scripts/release-flags.sh)
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier-web $(shell scripts/release-flags.sh)

demo: build ## the main job without a camera: rendered scenes, int8 network, results read back from the socket
	@scripts/demo.sh $(RELEASE)

test: setup-test build ## every test: kernels, passes, engine, socket, command line, ARM kernels under an emulator
	@scripts/test.sh

test-vm: setup-vm setup-deb build ## cameras and systemd for real: a kernel in an emulator, with cameras that break on demand; as root
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier-samples $(shell scripts/release-flags.sh)
	@scripts/make-deb.sh $(RELEASE)
	@cc -O2 -Wall -static -o .build/freeze-thread Tests/vm/freeze-thread.c
	@scripts/vm/test.sh --with .build/deb/tarsier_*_$(ARCHITECTURE).deb --with .build/deb/tarsier-web_*_$(ARCHITECTURE).deb \
		--with .build/freeze-thread

bench: build ## latency and per-layer tables of the default model, int8 against float
	@scripts/bench.sh $(RELEASE)

bench-peers: build ## the same networks in OpenVINO, LiteRT and onnxruntime, in turns with ours; needs Python and a network once
	@scripts/bench-peers.sh $(RELEASE)

bench-imaging: build ## a camera's frame to the network's input, beside OpenCV; needs Python and a network once
	@scripts/bench-imaging.sh

bench-camera: build ## the daemon on a camera of 30 frames a second: latency, idling, one a second, the motion gate
	@scripts/bench-camera.sh

fuzz-jpeg: setup ## 10,000 damaged JPEGs through the decoder, under the address and undefined behaviour sanitizers
	@scripts/fuzz-jpeg.sh

fuzz-import: setup ## damaged ONNX, PyTorch and safetensors files through the importers; RUNS=2000000 for each kind
	@scripts/fuzz-import.sh $(RUNS)

fuzz: setup ## libFuzzer on everything that reads bytes from outside, then damaged files through the importers; RUNS=1000000 for each
	@scripts/fuzz.sh $(RUNS)
	@scripts/fuzz-import.sh $(RUNS)

soak: build ## a daemon at full rate, looked at for growth; MINUTES=30
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier-load $(shell scripts/release-flags.sh)
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier-samples $(shell scripts/release-flags.sh)
	@scripts/soak.sh .build/release $(MINUTES)

sanitize: setup-test ## every test under the address, undefined behaviour and thread sanitizers; an hour and more
	@scripts/sanitize.sh

load: build ## the socket under load: 500 subscribers, hostile clients, kill -9, 5 million wrong requests; minutes
	@$(SWIFT) build -c release -j $(JOBS) --product tarsier-load $(shell scripts/release-flags.sh)
	@scripts/load.sh .build/release

setup-deb:
	@scripts/setup.sh deb

deb: setup-deb build ## a Debian package of the release build, checked; into .build/deb
	@scripts/make-deb.sh $(RELEASE)
	@scripts/check-deb.sh .build/deb/tarsier_*_$(ARCHITECTURE).deb

test-arm: ## the whole package as a Raspberry Pi 3, 4 and 5 and newer, emulated: tests, golden logits, budgets of instructions
	@scripts/test-arm.sh

build-arm64: ## the daemon for Raspberry Pi OS and Debian 12 or later on arm64, built on this machine
	@scripts/setup.sh arm
	@scripts/build-arm64.sh

deb-arm64: setup-deb ## the same package for arm64, built on this machine, and tried in an arm64 root under the emulator
	@scripts/setup.sh arm
	@scripts/build-arm64.sh
	@TARSIER_HOST_PROGRAM=scripts/arm64/tarsier scripts/make-deb.sh $(ARM64) arm64
	@scripts/arm64/check-root.sh .build/deb/tarsier_*_arm64.deb pi3 pi5

check: ## formatting of Swift and C
	@scripts/check-format.sh

format: ## rewrite Swift and C in the house style
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests
	@scripts/check-format.sh --fix-c

clean: ## remove what was built
	@rm -rf .build .build-*
