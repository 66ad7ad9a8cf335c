// Four neighbouring outputs' input bytes of the stem, as the kernels multiply them: a row's nine bytes are eight and
// one, and the ninth ones of the three rows come last. Camera bytes become signed here (x - 128 is x ^ 0x80). Base
// ARMv8.0; private to the kernels.
#ifndef TSR_ARM_STEM_GATHER_H
#define TSR_ARM_STEM_GATHER_H

#include "requant.h"
#include "tsr_kernels.h"

// ---- a little panel of 7 runs x 4 pixels x 4 bytes: two of each row, and that of the ninth bytes ----

enum { TSR_STEM_RUNS = 7, TSR_STEM_PANEL_BYTES = 16 * TSR_STEM_RUNS };

typedef struct tsr_stem_order {
    uint8x16_t eight[2]; // [run]: bytes 6 p + 4 run to + 3 of all pixels
    uint8x16_t ninth[3]; // [row]: byte 6 p + 8 to place `row`, nothing elsewhere
} tsr_stem_order;

TSR_ARM_INLINE tsr_stem_order tsr_stem_order_of(void) {
    static const uint8_t eight[16] = {0, 1, 2, 3, 6, 7, 8, 9, 12, 13, 14, 15, 18, 19, 20, 21};
    static const uint8_t ninth[3][16] = {
        {8, 255, 255, 255, 14, 255, 255, 255, 20, 255, 255, 255, 26, 255, 255, 255},
        {255, 8, 255, 255, 255, 14, 255, 255, 255, 20, 255, 255, 255, 26, 255, 255},
        {255, 255, 8, 255, 255, 255, 14, 255, 255, 255, 20, 255, 255, 255, 26, 255},
    };
    const uint8x16_t first = vld1q_u8(eight);
    return (tsr_stem_order
    ){{first, vaddq_u8(first, vdupq_n_u8(4))}, {vld1q_u8(ninth[0]), vld1q_u8(ninth[1]), vld1q_u8(ninth[2])}};
}

// Outputs 4 * group and on: bytes 24 * group to + 29 of three rows.
TSR_ARM_INLINE void tsr_arm_stem_gather(
    const uint8_t *const rows[3], int32_t group, const tsr_stem_order *order, uint8_t panel[TSR_STEM_PANEL_BYTES]
) {
    const uint8x16_t sign = vdupq_n_u8(0x80);
    uint8x16_t ninth = vdupq_n_u8(0);
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 3; i++) {
        const uint8_t *from = rows[i] + 24 * (ptrdiff_t)group;
        const uint8x16x2_t bytes = {{veorq_u8(vld1q_u8(from), sign), veorq_u8(vld1q_u8(from + 16), sign)}};
        TSR_ARM_UNROLL
        for (int32_t k = 0; k < 2; k++)
            vst1q_u8(panel + 32 * i + 16 * k, vqtbl2q_u8(bytes, order->eight[k]));
        ninth = i == 0 ? vqtbl2q_u8(bytes, order->ninth[i]) : vqtbx2q_u8(ninth, bytes, order->ninth[i]);
    }
    vst1q_u8(panel + 96, ninth);
}

// The same at the end of a row that holds the first `valid` (1..3) outputs: 32 bytes could leave it and its slack.
static inline __attribute__((unused)) void tsr_arm_stem_gather_end(
    const uint8_t *const rows[3], int32_t group, int32_t valid, const tsr_stem_order *order,
    uint8_t panel[TSR_STEM_PANEL_BYTES]
) {
    uint8_t narrow[3][32] = {{0}};
    for (int32_t i = 0; i < 3; i++)
        memcpy(narrow[i], rows[i] + 24 * (ptrdiff_t)group, (size_t)(6 * valid + 3));
    const uint8_t *const from[3] = {narrow[0], narrow[1], narrow[2]};
    tsr_arm_stem_gather(from, 0, order, panel);
}

// `width` outputs from group `first` on, a panel after the other.
TSR_ARM_INLINE void tsr_arm_stem_gather_row(
    const uint8_t *const rows[3], int32_t first, int32_t width, const tsr_stem_order *order, uint8_t *panel
) {
    const tsr_stem_order in_registers = *order;
    const int32_t groups = width / TSR_GROUP, rest = width % TSR_GROUP;
    for (int32_t g = first; g < first + groups; g++, panel += TSR_STEM_PANEL_BYTES)
        tsr_arm_stem_gather(rows, g, &in_registers, panel);
    if (rest != 0) tsr_arm_stem_gather_end(rows, first + groups, rest, order, panel);
}

// ---- for smmla: four cells of eight inputs, two pairs of pixels (0, 2) and (1, 3) each ----

enum { TSR_STEM_CELLS = 4, TSR_STEM_ARRANGED_BYTES = 32 * TSR_STEM_CELLS };

typedef struct tsr_stem_pairs {
    uint8x16_t eight[2];    // [pair]: bytes 6 p to + 7 of both pixels
    uint8x16_t ninth[3][2]; // [row][pair]: byte 6 p + 8 to place `row`, nothing elsewhere
} tsr_stem_pairs;

TSR_ARM_INLINE tsr_stem_pairs tsr_stem_pairs_of(void) {
    static const uint8_t eight[16] = {0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19};
    static const uint8_t ninth[3][16] = {
        {8, 255, 255, 255, 255, 255, 255, 255, 20, 255, 255, 255, 255, 255, 255, 255},
        {255, 8, 255, 255, 255, 255, 255, 255, 255, 20, 255, 255, 255, 255, 255, 255},
        {255, 255, 8, 255, 255, 255, 255, 255, 255, 255, 20, 255, 255, 255, 255, 255},
    };
    const uint8x16_t six = vdupq_n_u8(6);
    tsr_stem_pairs s;
    s.eight[0] = vld1q_u8(eight);
    s.eight[1] = vaddq_u8(s.eight[0], six);
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 3; i++) {
        s.ninth[i][0] = vld1q_u8(ninth[i]);
        s.ninth[i][1] = vqaddq_u8(s.ninth[i][0], six); // 255 stays
    }
    return s;
}

// Outputs 4 * group and on, as `tsr_arm_stem_gather`.
TSR_ARM_INLINE void tsr_arm_stem_arrange(
    const uint8_t *const rows[3], int32_t group, const tsr_stem_pairs *order, uint8_t out[TSR_STEM_ARRANGED_BYTES]
) {
    const uint8x16_t sign = vdupq_n_u8(0x80);
    uint8x16_t ninth[2];
    TSR_ARM_UNROLL
    for (int32_t i = 0; i < 3; i++) {
        const uint8_t *from = rows[i] + 24 * (ptrdiff_t)group;
        const uint8x16x2_t bytes = {{veorq_u8(vld1q_u8(from), sign), veorq_u8(vld1q_u8(from + 16), sign)}};
        TSR_ARM_UNROLL
        for (int32_t h = 0; h < 2; h++) {
            vst1q_u8(out + 32 * i + 16 * h, vqtbl2q_u8(bytes, order->eight[h]));
            ninth[h] = i == 0 ? vqtbl2q_u8(bytes, order->ninth[i][h]) : vqtbx2q_u8(ninth[h], bytes, order->ninth[i][h]);
        }
    }
    vst1q_u8(out + 96, ninth[0]);
    vst1q_u8(out + 112, ninth[1]);
}

// The same at the end of a row, as `tsr_arm_stem_gather_end`.
static inline __attribute__((unused)) void tsr_arm_stem_arrange_end(
    const uint8_t *const rows[3], int32_t group, int32_t valid, const tsr_stem_pairs *order,
    uint8_t out[TSR_STEM_ARRANGED_BYTES]
) {
    uint8_t narrow[3][32] = {{0}};
    for (int32_t i = 0; i < 3; i++)
        memcpy(narrow[i], rows[i] + 24 * (ptrdiff_t)group, (size_t)(6 * valid + 3));
    const uint8_t *const from[3] = {narrow[0], narrow[1], narrow[2]};
    tsr_arm_stem_arrange(from, 0, order, out);
}

#endif
