//! Statistics against published or independently computed values.

use siyu_testkit::databases;
use siyu_types::Clock;
use siyu_types::analysis::EventMatch;

use super::compute::report;
use super::model::{ArmResult, TestName};
use super::rules::{erfc, fisher, lift, newcombe, ratio, sample_check, z_test};

use crate::audience::GoalEvent;
use crate::campaigns::{Goal, store as campaigns};
use crate::delivery::{Arm, store as outbox};
use crate::testing::{PROJECT, Town, content};

fn close(left: f64, right: f64, within: f64) -> bool {
    (left - right).abs() <= within
}

#[test]
fn newcombe_1998_table_ii_method_10() {
    let cases = [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
    ];
    for (a, n, b, m, low, high) in cases {
        let got = newcombe(a, n, b, m);
        assert!(close(got.0, low, 5e-5) && close(got.1, high, 5e-5), "{a}/{n} - {b}/{m}: {got:?}");
    }
}

#[test]
fn small_samples_disagree_between_z_and_fisher() {
    // reference/05 §5.15: 0/50 against 5/52.
    assert!(close(z_test(0, 50, 5, 52), 0.025, 5e-4), "{}", z_test(0, 50, 5, 52));
    assert!(close(fisher(0, 50, 5, 52), 0.057, 5e-4), "{}", fisher(0, 50, 5, 52));
    // Fisher's lady tasting tea: 3 of 4 against 1 of 4.
    assert!(close(fisher(3, 4, 1, 4), 0.485_714_285_7, 1e-9));
    assert!(close(fisher(0, 10, 0, 10), 1.0, 1e-12));
    // Large enough to pass through Stirling's series: equals the z test nearly.
    assert!(close(fisher(300, 1000, 250, 1000), 0.0143, 5e-4), "{}", fisher(300, 1000, 250, 1000));
}

#[test]
fn the_normal_tail() {
    let cases = [
        (0.0, 1.0),
        (0.5, 0.479_500_122_186_953_5),
        (1.0, 0.157_299_207_050_285_13),
        (2.0, 0.004_677_734_981_047_266),
        (2.5, 0.000_406_952_017_444_958_9),
        (3.0, 2.209_049_699_858_544e-5),
        (5.0, 1.537_459_794_428_034_8e-12),
    ];
    for (x, expected) in cases {
        assert!(close(erfc(x) / expected, 1.0, 1e-9), "erfc({x}) = {}", erfc(x));
    }
}

#[test]
fn ratios_are_on_the_log_scale() {
    // Physicians' Health Study: infarction under placebo against aspirin, 1.82 (1.43, 2.31).
    let (middle, low, high) = ratio(189, 11_034, 104, 11_037);
    assert!(close(middle, 1.82, 0.005) && close(low, 1.43, 0.005) && close(high, 2.31, 0.005));
}

#[test]
fn a_lift_says_when_it_is_not_enough() {
    let arm = |people, converted| ArmResult { people, converted, revenue_minor: 0.0 };
    assert_eq!(lift(&arm(10, 1), &arm(0, 0)), None);
    let few = lift(&arm(50, 0), &arm(52, 5)).expect("both arms");
    assert_eq!((few.test, few.enough, few.relative), (TestName::Fisher, false, None));
    let many = lift(&arm(10_000, 600), &arm(10_000, 500)).expect("both arms");
    assert_eq!((many.test, many.enough), (TestName::Z, true));
    assert!(close(many.absolute, 0.01, 1e-12) && close(many.relative.expect("enough"), 0.2, 1e-9));
    assert!(many.low > 0.0 && many.high < 0.02 && many.p_value < 0.01);
    let nothing = lift(&arm(100, 0), &arm(100, 0)).expect("both arms");
    assert_eq!((nothing.absolute, nothing.p_value), (0.0, 1.0));
}

#[test]
fn sizes_of_arms_are_checked() {
    assert_eq!(sample_check(0, 0, 10.0), None);
    assert_eq!(sample_check(100, 0, 0.0), None);
    assert!(!sample_check(9_000, 1_000, 10.0).expect("both").mismatch);
    assert!(!sample_check(9_080, 920, 10.0).expect("both").mismatch);
    assert!(sample_check(9_200, 800, 10.0).expect("both").mismatch);
    // χ² = 3.841 is p = 0.05 with one degree of freedom.
    let edge = sample_check(5_098, 4_902, 50.0).expect("both").p_value;
    assert!(close(edge, 0.05, 0.001), "{edge}");
}

#[tokio::test]
async fn people_who_merge_after_the_send_count_once() {
    databases::both(async |db| {
        let town = Town::open(db, 40).await;
        let event = EventMatch { event: "order_paid".into(), filters: Vec::new() };
        let campaign = town.draft(content(), 50.0, Some(Goal { event, window_hours: 1 })).await;
        town.start(campaign).await;
        town.engage.delivery.run_due().await.expect("works");
        let rows = outbox::of_campaign(&town.db, campaign, None, -1, 100).await.expect("readable");
        let of = |arm| rows.iter().filter(|row| row.arm == arm).map(|row| row.person).collect::<Vec<u32>>();
        let (treated, control) = (of(Arm::Treated), of(Arm::Control));
        // One of each arm, and two of the control group, turn out to be one person.
        town.audience
            .merged
            .lock()
            .expect("sound")
            .extend([(control[0], treated[0]), (control[1], control[2])]);
        let bought = |person| GoalEvent { person, time: town.clock.now() + 1, amount_minor: 5.0 };
        *town.audience.goals.lock().expect("sound") = vec![bought(treated[0]), bought(control[2])];
        let row = campaigns::get(&town.db, PROJECT, campaign).await.expect("there");
        let goal = report(&town.engage, &row).await.expect("computed").goal.expect("has a goal");
        let arm = |people: usize| ArmResult { people: people as u64, converted: 1, revenue_minor: 5.0 };
        assert_eq!(goal.treated, arm(treated.len()), "whoever saw it is treated");
        assert_eq!(goal.control, arm(control.len() - 2));
        assert!(!goal.complete, "the window is still open");
    })
    .await;
}
