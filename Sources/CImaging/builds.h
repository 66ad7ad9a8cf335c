// The sets of kernels, one for each file that includes body.inc.
#ifndef TSR_CIMAGING_BUILDS_H
#define TSR_CIMAGING_BUILDS_H

#include <string.h>

#include "CImaging.h"

extern const tsr_imaging_kernels tsr_imaging__plain;
extern const tsr_imaging_kernels tsr_imaging__sse41;
extern const tsr_imaging_kernels tsr_imaging__avx2;
extern const tsr_imaging_kernels tsr_imaging__avx512vnni;

#endif
