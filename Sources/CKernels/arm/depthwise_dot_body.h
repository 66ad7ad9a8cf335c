// The depthwise kernels with sdot around their `four_channels`: every block and quarter of it, and a function for each
// promise of a layer. The including file defines STRIDE and KERNEL, its name. Private to the kernels.

// The whole layer.
TSR_ARM_INLINE void layer(const tsr_arm_range range, const tsr_depthwise3x3_args *args) {
    const size_t block_bytes = tsr_depthwise3x3_block_bytes(TSR_PACKING_DOT4, STRIDE);
    const tsr_arm_output o = tsr_arm_output_of(args->output);
    const tsr_arm_small_output small = tsr_arm_small_output_of(args->output);
    for (int32_t b = 0; b < args->blocks; b++) {
        const uint8_t *block = (const uint8_t *)args->weights + (size_t)b * block_bytes;
        for (int32_t quarter = 0; quarter < 4; quarter++) {
            const size_t offset = (size_t)b * args->block_stride + 16 * (size_t)quarter;
            uint8_t *out = args->out + (size_t)b * TSR_CELL_BYTES + 16 * (size_t)quarter;
            four_channels(range, *args, offset, block, quarter, &o, &small, out);
        }
    }
}

// Functions of their own: in one, registers of one loop would be spilled for the sake of another.
static __attribute__((noinline)) void any(const tsr_depthwise3x3_args *args) { layer(TSR_ARM_ANY, args); }
static __attribute__((noinline)) void small_sums(const tsr_depthwise3x3_args *args) { layer(TSR_ARM_SMALL_SUMS, args); }
static __attribute__((noinline)) void small_results(const tsr_depthwise3x3_args *args) {
    layer(TSR_ARM_SMALL_RESULTS, args);
}

void KERNEL(const tsr_depthwise3x3_args *args) {
    switch (tsr_arm_range_of(args->output)) {
    case TSR_ARM_ANY:
        any(args);
        break;
    case TSR_ARM_SMALL_SUMS:
        small_sums(args);
        break;
    case TSR_ARM_SMALL_RESULTS:
        small_results(args);
        break;
    }
}
