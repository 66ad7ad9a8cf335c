// Checks of the depthwise kernels of both strides.
#include "check.h"

#include <string.h>

static check_layer layer;

enum { MAX_OUT_ROWS = 4, MAX_IN_ROWS = 2 * (MAX_OUT_ROWS - 1) + 3 };

// Quads of the case in SLOT_IN: random cells; the cells beside the picture and the slots beyond the width hold zp.
static void draw_quads(int32_t rows, int32_t width, int32_t blocks, size_t block_stride, const uint8_t *ret_rows[]) {
    const int32_t groups = (width + TSR_GROUP - 1) / TSR_GROUP;
    const size_t row_bytes = (size_t)blocks * block_stride;
    const uint8_t zp = tsr_stored(layer.params.input_zero_point);
    uint8_t *slab = check_place(SLOT_IN, (size_t)rows * row_bytes);
    check_fill_inputs(slab, (size_t)rows * row_bytes);
    for (int32_t r = 0; r < rows; r++) {
        uint8_t *row = slab + (size_t)((r + 1) % rows) * row_bytes; // rows lie in memory in any order
        ret_rows[r] = row + TSR_CELL_BYTES;
        for (int32_t b = 0; b < blocks; b++, row += block_stride) {
            memset(row, zp, TSR_CELL_BYTES);
            memset(row + (size_t)(groups + 1) * TSR_CELL_BYTES, zp, TSR_CELL_BYTES);
            uint8_t *last = row + (size_t)groups * TSR_CELL_BYTES;
            for (int32_t i = 0; i < TSR_CELL_BYTES; i++) {
                if (4 * (groups - 1) + i % 4 >= width) last[i] = zp;
            }
        }
    }
}

static void one(int32_t stride, const tsr_depthwise3x3s1_kernel *table, int32_t count) {
    const int32_t out_rows = check_between(1, MAX_OUT_ROWS);
    const int32_t width = check_random() % 8 == 0 ? check_between(60, 140) : check_width(); // kernels may cut long rows
    check_layer_init(&layer, check_between(1, 70), 9);
    const int32_t blocks = (layer.channels + TSR_BLOCK - 1) / TSR_BLOCK;
    const int32_t groups = (width + TSR_GROUP - 1) / TSR_GROUP, out_width = (width + stride - 1) / stride;
    const uint8_t *rows[MAX_IN_ROWS];
    tsr_depthwise3x3_args args = {
        .rows = rows,
        .block_stride = (size_t)(groups + 2) * TSR_CELL_BYTES,
        .blocks = blocks,
        .output = layer.output,
        .out_rows = out_rows,
        .out_groups = (out_width + TSR_GROUP - 1) / TSR_GROUP,
    };
    draw_quads((out_rows - 1) * stride + 3, width, blocks, args.block_stride, rows);
    args.out_group_stride = (size_t)blocks * TSR_CELL_BYTES + (check_coin() ? 128 : 0); // as beside other blocks
    args.out_row_stride = (size_t)args.out_groups * args.out_group_stride + (check_coin() ? 64 : 0);
    check_describe("%d rows out of %d pixels in, %d channels, stride %d", out_rows, width, layer.channels, stride);

    const void *packed[TSR_PACKINGS];
    for (int32_t packing = 0; packing < TSR_PACKINGS; packing++) {
        const size_t packed_bytes = (size_t)blocks * tsr_depthwise3x3_block_bytes((tsr_packing)packing, stride);
        void *at = check_place((check_slot)(SLOT_WEIGHTS + packing), packed_bytes);
        tsr_pack_depthwise3x3((tsr_packing)packing, stride, layer.channels, layer.weights, &layer.params, at);
        packed[packing] = at;
    }
    const size_t bytes = (size_t)(out_rows - 1) * args.out_row_stride +
                         (size_t)(args.out_groups - 1) * args.out_group_stride + (size_t)blocks * TSR_CELL_BYTES;
    uint8_t *expected = check_place(SLOT_EXPECTED, bytes), *out = check_place(SLOT_OUT, bytes);
    memset(expected, 0x99, bytes);
    args.weights = packed[table[count - 1].packing];
    args.out = expected;
    table[count - 1].run(&args);
    check_not_degenerate(expected, bytes, out_rows * out_width * layer.channels);
    for (int32_t k = 0; k < count - 1; k++) {
        if (!check_can_run(table[k].name, table[k].needs)) continue;
        memset(out, 0x99, bytes);
        args.weights = packed[table[k].packing];
        args.out = out;
        table[k].run(&args);
        check_equal(expected, out, bytes);
    }
}

void check_depthwise(int32_t cases) {
    int32_t count1, count2;
    const tsr_depthwise3x3s1_kernel *table1 = tsr_depthwise3x3s1_table(&count1);
    const tsr_depthwise3x3s2_kernel *table2 = tsr_depthwise3x3s2_table(&count2);
    tsr_depthwise3x3s1_kernel alike[64]; // the two row types differ in name only
    for (int32_t k = 0; k < count2 && k < 64; k++) {
        alike[k] = (tsr_depthwise3x3s1_kernel){table2[k].needs, table2[k].packing, table2[k].name, table2[k].run};
    }
    for (int32_t i = 0; i < cases; i++) {
        check_begin_case("depthwise3x3s1", i);
        one(1, table1, count1);
    }
    for (int32_t i = 0; i < cases; i++) {
        check_begin_case("depthwise3x3s2", i);
        one(2, alike, count2);
    }
}
