"""The demo county: real places and published figures, invented people, built by the same set-based actions as the imports.

What stands in it, for a given day (`on`) and seed; the same day and seed give the same county:

* 六安市 > 金寨县 (341524): its 25 townships and 234 villages with their real codes (divisions.csv), 54 schools with plain names and
  invented codes, some 460 classes of grades 1 to 9, some 14,800 pupils of this school year and those who left 九年级 last July.
* Beside it the invented 邻山县 (990200): 2 townships, 3 schools, some 330 pupils, so that the border between counties can be seen.
* Aid: the demo lives on the day on which it is built, so the table that 金寨县 published for the spring of 2021 (11,302 pupils,
  4,431,875 yuan, by registered home: aid_2021_spring.csv) stands as the figures of the demo's last spring term; the name of the
  batch says so. This autumn has batches paid, returned by the bank, paid again and pending, of three programs, one of them local.
* Pupils: boarding from 三年级 on, some 40 taught at home (送教上门), left-behind and disabled children, orphans, brothers and
  sisters, twins, pupils who share a name, homes in other townships, in the other county and elsewhere, names of several peoples
  and with rare characters. IDs begin with 99 and so belong to nobody; their check digits are right, but for a few that are wrong
  on purpose. Phone numbers begin with 100, which no telephone does.
* Rolls of the last 60 school days of this school year and of this morning for most classes: sick and personal leave, late, left
  early, classes with an outbreak, streaks of 3, 5, 8, 12 and more days without excuse, pupils who came back after such a streak,
  classes that often do not report, corrections.
* Visits of these months: those of a workbook, of every form and purpose; those written down on the phone, which wait, are verified
  or were sent back; brothers and sisters visited at once; tutoring of every pupil taught at home, some months of it not met.
* Cases at every stage, opened from the streaks, some overdue, one opened again; pupils who stay away and have none yet.
* Lists of other departments, of September and newer ones: children registered here and enrolled nowhere, pupils who are on no list,
  wrong IDs that a hint can find, monitored children without aid, disabled children out of school.
* Accounts: one of every role and three of the other county (staff.py), a principal of every school, a teacher of every class, all
  with one password. The teachers among the former have not taken this morning's roll; names in their classes are long and rare.

`--small` builds one township of 金寨县, 麻埠镇, and one of 邻山县, for tests and for a quick look.
"""
