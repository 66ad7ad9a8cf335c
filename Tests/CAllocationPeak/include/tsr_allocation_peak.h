// Keeps count of the bytes that a process holds: malloc and its relatives are defined here and pass the work on to the C
// library. Linked into the fuzzers of the importers; glibc only.
#ifndef TSR_ALLOCATION_PEAK_H
#define TSR_ALLOCATION_PEAK_H

// From now on the peak counts from what is held now. Any thread.
void tsr_peak_reset(void);

// The most bytes held at once since the last reset, above what was held then. Any thread.
long tsr_peak_bytes(void);

#endif
