"""Other departments' lists (户籍、监测对象、残联) as dated snapshots, and how they match the pupils: 四查三比对."""
