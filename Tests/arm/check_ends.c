// Checks of the network's two ends: stem and interleave at the entry, pool and dense at the exit.
#include "check.h"

#include <string.h>

static check_layer layer;

enum { MAX_OUT_ROWS = 4 };

static int32_t blocks_of(int32_t channels) { return (channels + TSR_BLOCK - 1) / TSR_BLOCK; }

static check_slot weights_slot(int32_t packing) { return (check_slot)(SLOT_WEIGHTS + packing); }

// Quad rows of the case inside `slab`, each behind its own first pad cell.
static void place_rows(uint8_t *slab, int32_t rows, size_t row_bytes, uint8_t *ret_rows[]) {
    for (int32_t r = 0; r < rows; r++)
        ret_rows[r] = slab + (size_t)((r + 1) % rows) * row_bytes + TSR_CELL_BYTES;
}

static void stem(int32_t number) {
    check_begin_case("stem3x3", number);
    const int32_t height = check_between(1, MAX_OUT_ROWS), width = check_width(), in_rows = 2 * height + 1;
    check_layer_init(&layer, check_between(1, 70), 27);
    layer.params.input_zero_point = 0;
    const int32_t blocks = blocks_of(layer.channels);
    check_describe("%d x %d outputs, %d channels", height, width, layer.channels);

    const size_t in_bytes = 3 * (size_t)(2 * width + 1) + TSR_STEM_SLACK;
    uint8_t *in = check_place(SLOT_IN, (size_t)in_rows * in_bytes);
    check_fill_inputs(in, (size_t)in_rows * in_bytes);
    for (size_t i = 0; i < (size_t)in_rows * in_bytes; i++)
        in[i] = (uint8_t)(tsr_logical(in[i]) + 128); // camera bytes
    const uint8_t *rows[2 * MAX_OUT_ROWS + 1];
    for (int32_t r = 0; r < in_rows; r++)
        rows[r] = in + (size_t)((r + 1) % in_rows) * in_bytes;

    const void *packed[TSR_PACKINGS];
    for (int32_t p = 0; p < TSR_PACKINGS; p++) {
        void *at = check_place(weights_slot(p), (size_t)blocks * tsr_stem3x3_block_bytes((tsr_packing)p));
        tsr_pack_stem3x3((tsr_packing)p, layer.channels, layer.weights, &layer.params, at);
        packed[p] = at;
    }
    const size_t block_stride = (size_t)((width + TSR_GROUP - 1) / TSR_GROUP + 2) * TSR_CELL_BYTES;
    const size_t bytes = (size_t)height * (size_t)blocks * block_stride;
    uint8_t *expected = check_place(SLOT_EXPECTED, bytes), *out = check_place(SLOT_OUT, bytes);
    uint8_t *out_rows[MAX_OUT_ROWS];
    int32_t count;
    const tsr_stem3x3_kernel *table = tsr_stem3x3_table(&count);
    for (int32_t k = count - 1, scalar = k; k >= 0; k--) { // the scalar first
        if (k != scalar && !check_can_run(table[k].name, table[k].needs)) continue;
        uint8_t *to = k == scalar ? expected : out;
        memset(to, 0x99, bytes);
        place_rows(to, height, (size_t)blocks * block_stride, out_rows);
        const void *weights = packed[table[k].packing];
        const tsr_stem3x3_args args = {rows, weights, blocks, layer.output, height, width, out_rows, block_stride};
        table[k].run(&args);
        if (k == scalar)
            check_not_degenerate(expected, bytes, height * width * layer.channels);
        else
            check_equal(expected, out, bytes);
    }
}

static void interleave(int32_t number) {
    check_begin_case("interleave", number);
    const int32_t height = check_between(1, MAX_OUT_ROWS), width = check_width(), channels = check_between(1, 70);
    const int32_t blocks = blocks_of(channels);
    check_describe("%d x %d pixels, %d channels", height, width, channels);
    const size_t pixel_stride = 4 * (size_t)((channels + 3) / 4), row_stride = (size_t)width * pixel_stride + 3;
    const size_t in_bytes = (size_t)(height - 1) * row_stride + (size_t)width * pixel_stride;
    uint8_t *in = check_place(SLOT_IN, in_bytes);
    check_fill(in, in_bytes);
    tsr_interleave_args args = {
        .in = {in, row_stride, 4 * pixel_stride, pixel_stride, 4, height, width, (channels + 3) / 4},
        .channels = channels,
        .blocks = blocks,
        .zero_point = check_between(-128, 127),
        .out_block_stride = (size_t)((width + TSR_GROUP - 1) / TSR_GROUP + 2) * TSR_CELL_BYTES,
    };
    const size_t bytes = (size_t)height * (size_t)blocks * args.out_block_stride;
    uint8_t *expected = check_place(SLOT_EXPECTED, bytes), *out = check_place(SLOT_OUT, bytes);
    uint8_t *out_rows[MAX_OUT_ROWS];
    args.out_rows = out_rows;
    int32_t count;
    const tsr_interleave_kernel *table = tsr_interleave_table(&count);
    for (int32_t k = count - 1, scalar = k; k >= 0; k--) {
        if (k != scalar && !check_can_run(table[k].name, table[k].needs)) continue;
        uint8_t *to = k == scalar ? expected : out;
        memset(to, 0x99, bytes);
        place_rows(to, height, (size_t)blocks * args.out_block_stride, out_rows);
        table[k].run(&args);
        if (k != scalar) check_equal(expected, out, bytes);
    }
}

static void pool(int32_t number) {
    static const int32_t counts[] = {1, 2, 49, 255, 256, 257, 512, 700};
    check_begin_case("pool", number);
    const int32_t pixels = check_coin() ? counts[check_random() % 8] : check_between(1, 70);
    const int32_t channels = check_between(1, 70);
    check_layer_init(&layer, 1, 9);
    const size_t stride = (size_t)channels + (size_t)check_between(0, 7);
    const size_t in_bytes = (size_t)(pixels - 1) * stride + (size_t)channels;
    check_describe("%d pixels, %d channels", pixels, channels);
    uint8_t *in = check_place(SLOT_IN, in_bytes);
    check_fill_inputs(in, in_bytes);
    tsr_pool_args args = {
        .in = in,
        .pixel_stride = stride,
        .pixels = pixels,
        .channels = channels,
        .bias = -pixels * (layer.params.input_zero_point + TSR_STORED_BIAS),
        .multiplier = check_data() == DATA_HALF_WAY ? 0.5f : 1.3f / (float)pixels,
        .output = layer.output,
    };
    uint8_t *expected = check_place(SLOT_EXPECTED, (size_t)channels), *out = check_place(SLOT_OUT, (size_t)channels);
    int32_t count;
    const tsr_pool_kernel *table = tsr_pool_table(&count);
    for (int32_t k = count - 1, scalar = k; k >= 0; k--) {
        if (k != scalar && !check_can_run(table[k].name, table[k].needs)) continue;
        args.out = k == scalar ? expected : out;
        memset(args.out, 0x99, (size_t)channels);
        table[k].run(&args);
        if (k != scalar) check_equal(expected, out, (size_t)channels);
    }
}

static void dense(int32_t number) {
    check_begin_case("dense", number);
    check_layer_init(&layer, check_between(1, 70), check_between(1, 130));
    const int32_t runs = (layer.inputs + 3) / 4;
    check_describe("%d -> %d channels", layer.inputs, layer.channels);
    uint8_t *in = check_place(SLOT_IN, 4 * (size_t)runs);
    check_fill_inputs(in, 4 * (size_t)runs);
    const void *packed[TSR_PACKINGS];
    for (int32_t p = 0; p < TSR_PACKINGS; p++) {
        void *at = check_place(
            weights_slot(p), (size_t)blocks_of(layer.channels) * tsr_pointwise_block_bytes((tsr_packing)p, runs)
        );
        tsr_pack_pointwise((tsr_packing)p, layer.channels, layer.inputs, layer.weights, &layer.params, at);
        packed[p] = at;
    }
    const size_t bytes = (size_t)layer.channels * sizeof(float);
    uint8_t *expected = check_place(SLOT_EXPECTED, bytes), *out = check_place(SLOT_OUT, bytes);
    int32_t count;
    const tsr_dense_kernel *table = tsr_dense_table(&count);
    for (int32_t k = count - 1, scalar = k; k >= 0; k--) {
        if (k != scalar && !check_can_run(table[k].name, table[k].needs)) continue;
        uint8_t *to = k == scalar ? expected : out;
        memset(to, 0x99, bytes);
        table[k].run(&(tsr_dense_args){in, runs, packed[table[k].packing], layer.channels, (float *)(void *)to});
        if (k == scalar)
            check_not_degenerate(expected, bytes, (int32_t)bytes);
        else
            check_equal(expected, out, bytes);
    }
}

void check_stem(int32_t cases) {
    for (int32_t i = 0; i < cases; i++)
        stem(i);
}

void check_interleave(int32_t cases) {
    for (int32_t i = 0; i < cases; i++)
        interleave(i);
}

void check_pool(int32_t cases) {
    for (int32_t i = 0; i < cases; i++)
        pool(i);
}

void check_dense(int32_t cases) {
    for (int32_t i = 0; i < cases; i++)
        dense(i);
}
