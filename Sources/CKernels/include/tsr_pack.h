// Packing: from a model's weights to what the kernels stream. Done once, when a model is loaded.
//
// Output channels are cut into blocks of 16; channels beyond the last are filled with weight 0, bias 0, multiplier 0.
// Each block is contiguous, 64-byte aligned, and starts with 128 bytes:
//   int32 bias[16]         bias - (zp_in + TSR_STORED_BIAS) * sum of the channel's weights
//   float multiplier[16]   m of the integer rule
// The weights follow in cells. With TSR_PACKING_DOT4 a cell is 64 bytes:
//   pointwise, dense  for each run of four input channels   [16 output channels][4 input channels] s8
//   stem              for each kernel row three runs of four bytes R G B R | G B R G | B - - -      [16][4] s8
//   depthwise s1      for each kernel row six cells [16 channels][4 pixels of a group] s8, for outputs 0..3 of group g:
//                       0  (0, 0, 0, w0) on group g-1 and
//                       1  (w1, w2, 0, 0) on group g              -> output 0
//                       2  (w0, w1, w2, 0) on group g             -> output 1
//                       3  (0, w0, w1, w2) on group g             -> output 2
//                       4  (0, 0, w0, w1) on group g and
//                       5  (w2, 0, 0, 0) on group g+1             -> output 3
//   depthwise s2      for each kernel row three cells; output 2j reads groups 2g' - 1 and 2g' and so on:
//                       0  (0, 0, 0, w0) on group h-1 and
//                       1  (w1, w2, 0, 0) on group h              -> even output, its centre pixel 4h
//                       2  (0, w0, w1, w2) on group h             -> odd output, its centre pixel 4h + 2
// TSR_PACKING_PAIR16 holds the same cells with every weight widened to s16 (128 bytes a cell), for multiply-add of
// 16-bit pairs (pmaddwd). The order within a cell is [2][16][2]: elements 0 and 2 of all lanes, then elements 1 and 3,
// because the bytes 0 and 2 of an activation word become 16-bit values by a mask, and 1 and 3 by a shift.
// TSR_PACKING_DOT4_TIGHT is DOT4 but for the stem, whose 27 taps fill seven runs instead of nine: two for the first
// eight bytes of each kernel row, and one for the ninth of the three rows. TSR_PACKING_MMLA8 is for smmla, which
// multiplies two rows of eight bytes with two others: a cell of a pointwise or stem layer is two runs (the second of a
// last odd one is zero), 128 bytes: [8 pairs of channels][2 channels][8 inputs]. Its stem has the runs of DOT4_TIGHT.
#ifndef TSR_PACK_H
#define TSR_PACK_H

#include "tsr_layout.h"

typedef enum tsr_packing {
    TSR_PACKING_DOT4,
    TSR_PACKING_PAIR16,
    TSR_PACKING_DOT4_TIGHT,
    TSR_PACKING_MMLA8,
    TSR_PACKINGS
} tsr_packing;

#define TSR_PACK_HEADER_BYTES 128

typedef struct tsr_channel_params {
    const int32_t *bias;      // [channels]
    const float *multiplier;  // [channels] finite, >= 0
    int32_t input_zero_point; // logical
} tsr_channel_params;

// Bytes between two blocks of the packed layer.
size_t tsr_pointwise_block_bytes(tsr_packing packing, int32_t runs);
size_t tsr_depthwise3x3_block_bytes(tsr_packing packing, int32_t stride);
size_t tsr_stem3x3_block_bytes(tsr_packing packing);

// weights: [channels][inputs] s8. `packed` holds ceil(channels / 16) blocks, 64-byte aligned.
void tsr_pack_pointwise(
    tsr_packing packing, int32_t channels, int32_t inputs, const int8_t *weights, const tsr_channel_params *params,
    void *packed
);

// weights: [channels][3][3] s8; stride 1 or 2.
void tsr_pack_depthwise3x3(
    tsr_packing packing, int32_t stride, int32_t channels, const int8_t *weights, const tsr_channel_params *params,
    void *packed
);

// weights: [channels][3][3][3 colours] s8. params->input_zero_point is 0: pixel 128 is real 0.
void tsr_pack_stem3x3(
    tsr_packing packing, int32_t channels, const int8_t *weights, const tsr_channel_params *params, void *packed
);

#endif
