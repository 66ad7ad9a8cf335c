// What the kernels for 128- and 256-bit registers share, on top of narrow-*.h (the registers).
// They work on a pass: two registers, 2 * V_LANES neighbouring channels, of four pixels, so that eight sums, the
// weights and the activations fit 16 registers. Include it inside a region with the target; private to the kernels.
//
// Requantisation: see requant-avx512vnni.h; the same two packs, on shorter registers. After them 128-bit part l of a
// register holds channels 4l..4l+3 of pixel 0, then of pixels 1, 2 and 3: a panel's run.
#ifndef TSR_X86_NARROW_H
#define TSR_X86_NARROW_H

enum { V_PASS = 2 * V_LANES };

typedef struct v_output {
    vi zero_point16, zero_point8, low, high; // stored
    bool plain;
} v_output;

TSR_X86_INLINE v_output v_output_of(tsr_output o) {
    return (v_output){
        .zero_point16 = v_set16(o.zero_point + TSR_STORED_BIAS),
        .zero_point8 = v_set8(tsr_stored(o.zero_point)),
        .low = v_set8(tsr_stored(o.low)),
        .high = v_set8(tsr_stored(o.high)),
        .plain = o.zero_point == -128 && o.low == -128 && o.high == 127,
    };
}

// Where sums start. `small`: they are kept as floats (tsr_requant.h); only with FMA.
TSR_X86_INLINE vi v_bias(const void *bias, bool small) {
    return small ? v_add32(v_load(bias), v_set32(TSR_FLOAT_SUM_BITS)) : v_load(bias);
}

TSR_X86_INLINE vf v_scale(vi sum, vf m, bool small) {
    if (!small) return v_mulf(v_tofloat(sum), m);
    return v_fmadd(v_asfloat(sum), m, v_mulf(m, v_setf(-TSR_FLOAT_SUM)));
}

// Rounded values of four pixels -> bytes.
TSR_X86_INLINE vi v_pack(const vi r[TSR_GROUP], const v_output *o) {
    vi a = v_packs32(r[0], r[1]), b = v_packs32(r[2], r[3]);
    if (o->plain) return v_packus16(a, b);
    a = v_adds16(a, o->zero_point16);
    b = v_adds16(b, o->zero_point16);
    return v_minu8(v_maxu8(v_packus16(a, b), o->low), o->high);
}

TSR_X86_INLINE vi v_requantize(const vi sums[TSR_GROUP], const void *multipliers, const v_output *o, bool small) {
    const vf m = v_loadf(multipliers);
    vi r[TSR_GROUP];
    TSR_X86_UNROLL
    for (int p = 0; p < TSR_GROUP; p++)
        r[p] = v_toint(v_scale(sums[p], m, small));
    return v_pack(r, o);
}

// Packed bytes into a part of a quads cell; slots from `valid` on hold the zero point.
TSR_X86_INLINE void v_store_cell(uint8_t *out, vi packed, int32_t valid, const v_output *o) {
    vi cell = v_shuffle(packed, _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    if (valid < TSR_GROUP) {
        const int32_t keep = (int32_t)((1u << (8 * valid)) - 1);
        cell = v_or(v_and(cell, v_set32(keep)), v_and(o->zero_point8, v_set32(~keep)));
    }
    v_store(out, cell);
}

#endif
