#ifndef TSR_CV4L2_H
#define TSR_CV4L2_H
#endif
