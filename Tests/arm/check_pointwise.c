// Checks of the pointwise kernels: both inputs layouts, both outputs, with and without a skip.
#include "check.h"

#include <string.h>

static check_layer layer;

static int32_t blocks_of(int32_t channels) { return (channels + TSR_BLOCK - 1) / TSR_BLOCK; }

// Input of the case in SLOT_IN: pixels with or without gaps, or panel.
static tsr_pixels draw_input(int32_t rows, int32_t width, int32_t inputs) {
    const int32_t runs = (inputs + 3) / 4, groups = (width + TSR_GROUP - 1) / TSR_GROUP;
    tsr_pixels in = {.rows = rows, .width = width, .runs = runs};
    size_t bytes;
    if (check_coin()) {
        in.run_stride = 16;
        in.pixel_stride = 4;
        in.group_stride = 16 * (size_t)runs;
        in.row_stride = (size_t)groups * in.group_stride + (check_coin() ? 64 : 0);
        bytes = (size_t)(rows - 1) * in.row_stride + (size_t)groups * in.group_stride;
    } else {
        in.run_stride = 4;
        in.pixel_stride = 4 * (size_t)runs + (check_coin() ? 4 * (size_t)check_between(0, 5) : 0);
        in.group_stride = 4 * in.pixel_stride;
        in.row_stride = (size_t)width * in.pixel_stride + (size_t)check_between(0, 3);
        bytes = (size_t)(rows - 1) * in.row_stride + (size_t)(width - 1) * in.pixel_stride + 4 * (size_t)runs;
    }
    uint8_t *data = check_place(SLOT_IN, bytes);
    check_fill_inputs(data, bytes);
    in.data = data;
    return in;
}

static void pack(const void *ret_packed[TSR_PACKINGS]) {
    for (int32_t packing = 0; packing < TSR_PACKINGS; packing++) {
        const size_t bytes =
            (size_t)blocks_of(layer.channels) * tsr_pointwise_block_bytes((tsr_packing)packing, (layer.inputs + 3) / 4);
        void *packed = check_place((check_slot)(SLOT_WEIGHTS + packing), bytes);
        tsr_pack_pointwise((tsr_packing)packing, layer.channels, layer.inputs, layer.weights, &layer.params, packed);
        ret_packed[packing] = packed;
    }
}

static void quads(int32_t number) {
    enum { MAX_ROWS = 4 };
    check_begin_case("pointwise_quads", number);
    const int32_t rows = check_between(1, MAX_ROWS), width = check_width();
    check_layer_init(&layer, check_between(1, 70), check_between(1, 130));
    const int32_t blocks = blocks_of(layer.channels);
    tsr_pointwise_quads_args args = {
        .in = draw_input(rows, width, layer.inputs),
        .blocks = blocks,
        .output = layer.output,
    };
    check_describe(
        "%d x %d pixels, %d -> %d channels, %s", rows, width, layer.inputs, layer.channels,
        args.in.run_stride == 4 ? "pixels" : "panel"
    );
    const void *packed[TSR_PACKINGS];
    pack(packed);

    const int32_t groups = (width + TSR_GROUP - 1) / TSR_GROUP;
    args.out_block_stride = (size_t)(groups + 2) * TSR_CELL_BYTES;
    const size_t row_bytes = (size_t)blocks * args.out_block_stride, bytes = (size_t)rows * row_bytes;
    uint8_t *expected = check_place(SLOT_EXPECTED, bytes), *out = check_place(SLOT_OUT, bytes);
    uint8_t *expected_rows[MAX_ROWS], *out_rows[MAX_ROWS];
    for (int32_t r = 0; r < rows; r++) { // rows lie in memory in any order
        const size_t at = (size_t)((r + number) % rows) * row_bytes + TSR_CELL_BYTES;
        expected_rows[r] = expected + at;
        out_rows[r] = out + at;
    }
    int32_t count;
    const tsr_pointwise_quads_kernel *table = tsr_pointwise_quads_table(&count);
    memset(expected, 0x99, bytes);
    args.weights = packed[table[count - 1].packing];
    args.out_rows = expected_rows;
    table[count - 1].run(&args);
    check_not_degenerate(expected, bytes, rows * width * layer.channels);
    for (int32_t k = 0; k < count - 1; k++) {
        if (!check_can_run(table[k].name, table[k].needs)) continue;
        memset(out, 0x99, bytes);
        args.weights = packed[table[k].packing];
        args.out_rows = out_rows;
        table[k].run(&args);
        check_equal(expected, out, bytes);
    }
}

static void pixels(int32_t number) {
    check_begin_case("pointwise_pixels", number);
    const int32_t rows = check_between(1, 4), width = check_width();
    check_layer_init(&layer, check_between(1, 70), check_between(1, 130));
    tsr_pointwise_pixels_args args = {
        .in = draw_input(rows, width, layer.inputs),
        .channels = layer.channels,
        .output = layer.output,
    };
    args.out_pixel_stride = (size_t)layer.channels + (size_t)check_between(0, 5);
    args.out_row_stride = (size_t)width * args.out_pixel_stride + (size_t)check_between(0, 9);
    const size_t bytes =
        (size_t)(rows - 1) * args.out_row_stride + (size_t)(width - 1) * args.out_pixel_stride + (size_t)layer.channels;
    const bool skip = check_coin(), in_place = check_coin();
    uint8_t *skip_bytes = check_place(SLOT_SKIP, bytes);
    check_fill_inputs(skip_bytes, bytes);
    args.skip_zero_point = check_data() == DATA_ZERO_POINTS ? (check_coin() ? -128 : 127) : check_between(-128, 127);
    args.skip_multiplier = check_data() == DATA_HALF_WAY ? 0.5f : (float)check_between(1, 2000) / 1000.0f;
    check_describe(
        "%d x %d pixels, %d -> %d channels, %s, skip %s", rows, width, layer.inputs, layer.channels,
        args.in.run_stride == 4 ? "pixels" : "panel", skip ? (in_place ? "in place" : "yes") : "no"
    );
    const void *packed[TSR_PACKINGS];
    pack(packed);

    uint8_t *expected = check_place(SLOT_EXPECTED, bytes), *out = check_place(SLOT_OUT, bytes);
    int32_t count;
    const tsr_pointwise_pixels_kernel *table = tsr_pointwise_pixels_table(&count);
    for (int32_t k = count - 1, scalar = k; k >= 0; k--) { // the scalar first
        if (k != scalar && !check_can_run(table[k].name, table[k].needs)) continue;
        args.out = k == scalar ? expected : out;
        args.weights = packed[table[k].packing];
        args.skip = skip ? (in_place ? args.out : skip_bytes) : NULL;
        if (in_place)
            memcpy(args.out, skip_bytes, bytes);
        else
            memset(args.out, 0x99, bytes);
        table[k].run(&args);
        if (k == scalar)
            check_not_degenerate(expected, bytes, rows * width * layer.channels);
        else
            check_equal(expected, out, bytes);
    }
}

void check_pointwise(int32_t cases) {
    for (int32_t i = 0; i < cases; i++)
        quads(i);
    for (int32_t i = 0; i < cases; i++)
        pixels(i);
}
