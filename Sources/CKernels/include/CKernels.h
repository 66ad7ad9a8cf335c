// Everything Swift sees of the kernels.
#include "tsr_kernels.h"
#include "tsr_peak.h"
