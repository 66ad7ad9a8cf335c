// SPDX-License-Identifier: GPL-2.0
// The sensors of a small board for tests in a virtual machine, registered with the kernel's own frameworks, so that the
// files which the daemon reads are made by the code that makes them on a real board. Values are set through
// /sys/module/tarsier_board/parameters:
//   millidegrees  what the zone cpu-thermal reads; with broken_zone=1 reading it fails with EIO
//   undervolt     the alarm of the hwmon chip rpi_volt, as on a Raspberry Pi
//   clock_khz     what the CPU's clock is held down to; 0 leaves it to the frequency governor
//   mains         whether the adapter is online; if not, the battery discharges
//   percent       the battery's charge; -1 makes reading it fail
#include <linux/cpufreq.h>
#include <linux/hwmon.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/power_supply.h>
#include <linux/thermal.h>

static int millidegrees = 48000, mains = 1, percent = 90;
static bool broken_zone, undervolt;
static unsigned int clock_khz;
module_param(millidegrees, int, 0644);
module_param(broken_zone, bool, 0644);
module_param(undervolt, bool, 0644);
module_param(clock_khz, uint, 0644);
module_param(mains, int, 0644);
module_param(percent, int, 0644);

static int read_zone(struct thermal_zone_device *zone, int *value) {
    *value = millidegrees;
    return broken_zone ? -EIO : 0;
}
static struct thermal_zone_device_ops zone_ops = {.get_temp = read_zone};

static umode_t volt_mode(const void *data, enum hwmon_sensor_types type, u32 attribute, int channel) { return 0444; }
static int read_volt(struct device *dev, enum hwmon_sensor_types type, u32 attribute, int channel, long *value) {
    *value = undervolt;
    return 0;
}
static const struct hwmon_channel_info *const volt_channels[] = {HWMON_CHANNEL_INFO(in, HWMON_I_LCRIT_ALARM), NULL};
static const struct hwmon_ops volt_ops = {.is_visible = volt_mode, .read = read_volt};
static const struct hwmon_chip_info volt_chip = {
    .ops = &volt_ops,
    .info = (const struct hwmon_channel_info **)volt_channels,
};

static struct cpufreq_frequency_table clocks[] = {
    {.frequency = 600000},
    {.frequency = 1000000},
    {.frequency = 1800000},
    {.frequency = CPUFREQ_TABLE_END},
};
static unsigned int chosen_khz = 600000;
static int clock_init(struct cpufreq_policy *policy) {
    policy->freq_table = clocks;
    policy->cpuinfo.transition_latency = 100000;
    cpumask_copy(policy->cpus, cpu_possible_mask); // one clock for all CPUs, as on a Raspberry Pi
    return 0;
}
static int clock_exit(struct cpufreq_policy *policy) { return 0; }
static int clock_set(struct cpufreq_policy *policy, unsigned int index) {
    chosen_khz = clocks[index].frequency;
    return 0;
}
static unsigned int clock_get(unsigned int cpu) { return clock_khz ? min(clock_khz, chosen_khz) : chosen_khz; }
static struct cpufreq_driver clock_driver = {
    .name = "tarsier_board",
    .flags = CPUFREQ_NEED_INITIAL_FREQ_CHECK,
    .init = clock_init,
    .exit = clock_exit,
    .verify = cpufreq_generic_frequency_table_verify,
    .target_index = clock_set,
    .get = clock_get,
    .attr = cpufreq_generic_attr,
};

static int read_adapter(
    struct power_supply *supply, enum power_supply_property property, union power_supply_propval *value
) {
    value->intval = mains;
    return 0;
}
static int read_battery(
    struct power_supply *supply, enum power_supply_property property, union power_supply_propval *value
) {
    if (property == POWER_SUPPLY_PROP_STATUS) {
        value->intval = mains ? POWER_SUPPLY_STATUS_FULL : POWER_SUPPLY_STATUS_DISCHARGING;
        return 0;
    }
    value->intval = percent;
    return percent < 0 ? -EIO : 0;
}
static enum power_supply_property adapter_has[] = {POWER_SUPPLY_PROP_ONLINE};
static enum power_supply_property battery_has[] = {POWER_SUPPLY_PROP_STATUS, POWER_SUPPLY_PROP_CAPACITY};
static const struct power_supply_desc adapter = {
    .name = "board_adapter",
    .type = POWER_SUPPLY_TYPE_MAINS,
    .properties = adapter_has,
    .num_properties = ARRAY_SIZE(adapter_has),
    .get_property = read_adapter,
};
static const struct power_supply_desc battery = {
    .name = "board_battery",
    .type = POWER_SUPPLY_TYPE_BATTERY,
    .properties = battery_has,
    .num_properties = ARRAY_SIZE(battery_has),
    .get_property = read_battery,
};

static struct platform_device *board;
static struct thermal_zone_device *zone;
static struct device *volt;
static struct power_supply *supplies[2];
static bool has_clock;

static void board_remove(void) {
    int i;

    if (has_clock) cpufreq_unregister_driver(&clock_driver);
    for (i = 0; i < 2; i++)
        if (!IS_ERR_OR_NULL(supplies[i])) power_supply_unregister(supplies[i]);
    if (!IS_ERR_OR_NULL(volt)) hwmon_device_unregister(volt);
    if (!IS_ERR_OR_NULL(zone)) thermal_zone_device_unregister(zone);
    platform_device_unregister(board);
}

static int __init board_add(void) {
    board = platform_device_register_simple("tarsier_board", -1, NULL, 0);
    if (IS_ERR(board)) return PTR_ERR(board);
    zone = thermal_zone_device_register("cpu-thermal", 0, 0, NULL, &zone_ops, NULL, 0, 0);
    volt = hwmon_device_register_with_info(&board->dev, "rpi_volt", NULL, &volt_chip, NULL);
    supplies[0] = power_supply_register(&board->dev, &adapter, NULL);
    supplies[1] = power_supply_register(&board->dev, &battery, NULL);
    if (IS_ERR(zone) || IS_ERR(volt) || IS_ERR(supplies[0]) || IS_ERR(supplies[1])) {
        board_remove();
        return -ENODEV;
    }
    thermal_zone_device_enable(zone);
    has_clock = cpufreq_register_driver(&clock_driver) == 0; // refused where the machine has a clock of its own
    return 0;
}

module_init(board_add);
module_exit(board_remove);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Settable sensors of a small board, for tests");
