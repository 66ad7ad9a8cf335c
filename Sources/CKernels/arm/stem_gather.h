// Four neighbouring outputs' input bytes of the stem, as a little panel of 9 runs x 4 pixels x 4 bytes that the
// pointwise tiles read. Camera bytes become signed here (x - 128 is x ^ 0x80). Base ARMv8.0; private to the kernels.
#ifndef TSR_ARM_STEM_GATHER_H
#define TSR_ARM_STEM_GATHER_H

#include "requant.h"
#include "tsr_kernels.h"

enum { TSR_STEM_RUNS = 9, TSR_STEM_PANEL_BYTES = 16 * TSR_STEM_RUNS };

// Outputs 4 * group and on: bytes 24 * group to + 29 of three rows, of which the last `valid` outputs' are in the row.
TSR_ARM_INLINE void tsr_arm_stem_gather(
    const uint8_t *const rows[3], int32_t group, int32_t valid, uint8_t panel[TSR_STEM_PANEL_BYTES]
) {
    // Byte i of run k of pixel p is 6 p + 4 k + i.
    static const uint8_t order[16] = {0, 1, 2, 3, 6, 7, 8, 9, 12, 13, 14, 15, 18, 19, 20, 21};
    const uint8x16_t run0 = vld1q_u8(order), run1 = vaddq_u8(run0, vdupq_n_u8(4)), run2 = vaddq_u8(run0, vdupq_n_u8(8));
    const uint8x16_t sign = vdupq_n_u8(0x80);
    for (int32_t i = 0; i < 3; i++, panel += 48) {
        const uint8_t *from = rows[i] + 24 * (ptrdiff_t)group;
        uint8_t narrow[32] = {0};
        if (valid < TSR_GROUP) { // 32 bytes could leave the row and its slack
            memcpy(narrow, from, (size_t)(6 * valid + 3));
            from = narrow;
        }
        const uint8x16x2_t bytes = {{veorq_u8(vld1q_u8(from), sign), veorq_u8(vld1q_u8(from + 16), sign)}};
        vst1q_u8(panel, vqtbl2q_u8(bytes, run0));
        vst1q_u8(panel + 16, vqtbl2q_u8(bytes, run1));
        vst1q_u8(panel + 32, vqtbl2q_u8(bytes, run2));
    }
}

#endif
